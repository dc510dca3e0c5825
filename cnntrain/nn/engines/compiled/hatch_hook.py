"""Compiles the engine while the package is built; where that fails the package is pure Python.

CNNTRAIN_ENGINE: auto (default), no, or require (fail where it cannot be compiled).
"""

from __future__ import annotations

import importlib.util
import os
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDER = "cnntrain/nn/engines/compiled"


class CompileHook(BuildHookInterface[Any]):
    """Called by hatchling for each wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile; the files go into the wheel, or into the tree that an editable one points to.
        A wheel takes nothing that was compiled before."""
        wanted = os.environ.get("CNNTRAIN_ENGINE") or "auto"
        if wanted not in {"auto", "no", "require"}:
            self.app.abort(f"CNNTRAIN_ENGINE is {wanted!r}, expected auto, no or require")
        build = _build_module(Path(self.root) / FOLDER / "build.py")
        self.temporary = tempfile.TemporaryDirectory()
        folder = build.BUILT if version == "editable" else Path(self.temporary.name)
        try:
            if wanted == "no":
                raise build.CannotCompile("CNNTRAIN_ENGINE was no")
            made = build.build(folder)
            self.app.display_info("with the compiled engine")
        except build.CannotCompile as error:
            if wanted == "require":
                self.app.abort(f"CNNTRAIN_ENGINE is require, and it cannot be compiled: {error}")
            made = [build.record_missing(str(error), folder)]
            self.app.display_warning(f"without the compiled engine: {error}")
        if version == "editable":
            return
        build_data["force_include"] |= {str(path): f"{FOLDER}/built/{path.name}" for path in made}
        if len(made) > 1:
            platform = sysconfig.get_platform().translate(str.maketrans("-.", "__"))
            build_data["pure_python"], build_data["tag"] = False, f"py3-none-{platform}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """The wheel is written."""
        self.temporary.cleanup()


def _build_module(path: Path) -> Any:
    """The module at `path`, without importing the package around it."""
    spec = importlib.util.spec_from_file_location("build", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
