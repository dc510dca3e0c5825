"""Compiles the engine while the package is built; where that fails the package stays pure Python.

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
        """Compile, and add the libraries to the wheel; an editable one finds them in the tree."""
        wanted = os.environ.get("CNNTRAIN_ENGINE", "auto")
        if wanted not in {"auto", "no", "require"}:
            raise ValueError(f"CNNTRAIN_ENGINE is {wanted}, expected auto, no or require")
        if wanted == "no":
            return
        build = _build_module(Path(self.root) / FOLDER / "build.py")
        editable = version == "editable"
        try:
            made = build.build() if editable else build.build(Path(tempfile.mkdtemp()))
        except build.CannotCompile as error:
            if wanted == "require":
                raise
            self.app.display_warning(f"without the compiled engine: {error}")
            return
        if not editable:
            places = {str(path): f"{FOLDER}/built/{path.name}" for path in made}
            build_data["force_include"] |= places
        platform = sysconfig.get_platform().translate(str.maketrans("-.", "__"))
        build_data["pure_python"], build_data["tag"] = False, f"py3-none-{platform}"


def _build_module(path: Path) -> Any:
    """The module at `path`, without importing the package around it."""
    spec = importlib.util.spec_from_file_location("build", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
