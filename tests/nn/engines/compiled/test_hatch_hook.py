"""The package as it is built: with the engine where there is a compiler, pure Python where there
is none.  One small function stands for the engine, which takes seconds to compile."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from cnntrain.nn.engines.compiled.build import LEVELS, machine

ROOT = Path(__file__).parents[4]
FOLDER = "cnntrain/nn/engines/compiled"
HAS_COMPILER = any(map(shutil.which, ("cc", "gcc", "clang"))) and machine() in LEVELS
PARTS = ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "cnntrain", "configs", "data")
STALE = "engine-stale.so"


@pytest.fixture
def tree(tmp_path):
    """A checkout in which something was compiled long ago."""
    ours = tmp_path / "tree"
    ours.mkdir()
    leave_out = shutil.ignore_patterns("__pycache__", "built", "*.[ch]")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, ours / part, ignore=leave_out)
        else:
            shutil.copy(ROOT / part, ours)
    (ours / FOLDER / "one.c").write_text("int one(void) { return 1; }\n")
    (ours / FOLDER / "built").mkdir()
    (ours / FOLDER / "built" / STALE).write_text("compiled long ago")
    return ours


def make(tree, what="wheel", **variables):
    """Build `what`, as pip does, with those environment variables."""
    code = f"import hatchling.build, sys; hatchling.build.build_{what}(sys.argv[1])"
    environment = {name: os.environ[name] for name in os.environ if name != "CC"}
    return subprocess.run(
        [sys.executable, "-c", code, str(tree.parent)],
        cwd=tree,
        env={**environment, "CNNTRAIN_ENGINE": "auto", **variables},
        capture_output=True,
        text=True,
    )


def built(tree, pattern="*.whl"):
    """The name of what was built, and the contents of `built/` in it."""
    (path,) = tree.parent.glob(pattern)
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name.startswith(f"{FOLDER}/built/")]
        return path.name, {Path(name).name: archive.read(name) for name in names}


@pytest.mark.skipif(not HAS_COMPILER, reason="there is no C compiler")
def test_with_a_compiler_the_wheel_holds_libraries_for_this_kind_of_machine(tree):
    done = make(tree, CNNTRAIN_ENGINE="require")
    assert done.returncode == 0, done.stderr
    name, files = built(tree)
    assert set(files) == {"engine.json", *(f"engine-{level}.so" for level in LEVELS[machine()])}
    assert "-py3-none-linux_" in name


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({"PATH": "/nowhere"}, "no C compiler (cc, gcc or clang) on PATH"),
        ({"CC": "/nowhere/cc"}, "/nowhere/cc: No such file or directory"),
        ({"CNNTRAIN_ENGINE": "no"}, "CNNTRAIN_ENGINE was no"),
    ],
)
@pytest.mark.skipif(machine() not in LEVELS, reason="there is no engine for this processor")
def test_without_one_it_is_pure_python_and_says_why(variables, reason, tree):
    done = make(tree, **variables)
    assert done.returncode == 0, done.stderr
    assert f"without the compiled engine: {reason}\n" in done.stdout + done.stderr
    name, files = built(tree)
    assert name.endswith("-py3-none-any.whl")
    assert list(files) == ["engine.json"]
    assert json.loads(files["engine.json"]) == {"missing": reason}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("require", "CNNTRAIN_ENGINE is require, and it cannot be compiled: "),
        ("yes", "CNNTRAIN_ENGINE is 'yes', expected auto, no or require"),
    ],
)
def test_what_cannot_be_is_one_line(wanted, message, tree):
    done = make(tree, CNNTRAIN_ENGINE=wanted, CC="/nowhere/cc")
    assert done.returncode == 1
    (line,) = (done.stdout + done.stderr).splitlines()
    assert message in line
    assert not list(tree.parent.glob("*.whl"))


@pytest.mark.skipif(not HAS_COMPILER, reason="there is no C compiler")
def test_an_editable_package_finds_them_in_the_checkout(tree):
    assert make(tree, "editable").returncode == 0
    there = {path.name for path in (tree / FOLDER / "built").iterdir()}
    assert {"engine.json", *(f"engine-{level}.so" for level in LEVELS[machine()])} <= there
    assert not built(tree)[1]
    before = (tree / FOLDER / "built" / "engine.json").read_text()
    assert make(tree, "editable", CNNTRAIN_ENGINE="no").returncode == 0
    after = (tree / FOLDER / "built" / "engine.json").read_text()
    assert before != after == '{"missing": "CNNTRAIN_ENGINE was no"}'


def test_a_source_distribution_holds_the_c_files_and_nothing_compiled(tree):
    assert make(tree, "sdist").returncode == 0
    (path,) = tree.parent.glob("*.tar.gz")
    with tarfile.open(path) as archive:
        names = archive.getnames()
    assert any(name.endswith(f"{FOLDER}/one.c") for name in names)
    assert not [name for name in names if "/built" in name]
