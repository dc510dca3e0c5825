"""Compiling: what is left behind, and what is said where it cannot be done.  One small function
stands for the engine, which takes seconds to compile."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys

import pytest

from cnntrain.nn.engines.compiled import build as module
from cnntrain.nn.engines.compiled.build import LEVELS, RECORD, CannotCompile, build, machine

pytestmark = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))) or machine() not in LEVELS,
    reason="there is no C compiler, or no engine for this processor",
)


@pytest.fixture
def source(tmp_path, monkeypatch):
    """The one C file that is compiled, in place of those of the engine."""
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setattr(module, "HERE", tmp_path)
    (tmp_path / "one.c").write_text("int one(void) { return 1; }\n")
    return tmp_path / "one.c"


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_library_for_each_level_and_their_record(source, tmp_path):
    found = build(tmp_path / "built")
    record = json.loads((tmp_path / "built" / RECORD).read_text())
    assert sorted(found) == sorted((tmp_path / "built").iterdir())
    assert set(record["sha256"]) == set(LEVELS[machine()])
    for level, digest in record["sha256"].items():
        library = tmp_path / "built" / f"engine-{level}.so"
        assert hashlib.sha256(library.read_bytes()).hexdigest() == digest
        assert "-ffp-contract=off" in record["flags"][level]
    assert record["compiler"] and "\n" not in record["compiler"]


def test_the_same_files_give_the_same_bytes(source, tmp_path):
    build(tmp_path / "one")
    build(tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_a_process_that_has_loaded_a_library_keeps_it(source, tmp_path):
    library = build(tmp_path / "built")[0]
    with library.open("rb") as in_use:
        before = library.read_bytes()
        source.write_text("int two(void) { return 2; }\n")
        build(tmp_path / "built")
        assert in_use.read() == before != library.read_bytes()


def test_what_does_not_compile_replaces_nothing(source, tmp_path):
    build(tmp_path / "built")
    before = contents(tmp_path / "built")
    source.write_text("int one(void) { return one two; }\n")
    with pytest.raises(CannotCompile, match=r"one\.c:1:\d+: error: ") as error:
        build(tmp_path / "built")
    assert "\n" not in str(error.value)
    assert contents(tmp_path / "built") == before


def test_other_c_files_have_another_digest(source):
    before = module.sources_sha256()
    (source.parent / "one.h").write_text("")
    assert module.sources_sha256() != before


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"PATH": "/nowhere"}, r"no C compiler \(cc, gcc or clang\) on PATH"),
        ({"CC": "/nowhere/cc"}, "/nowhere/cc: No such file or directory"),
        ({"CC": "false"}, "false: it fails"),
        ({"CC": "gcc '"}, 'CC is "gcc \'": No closing quotation'),
    ],
)
def test_without_a_compiler(variables, message, source, tmp_path, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CannotCompile, match=message):
        build(tmp_path / "built")
    assert not (tmp_path / "built").exists()


def test_an_unknown_processor(source, tmp_path):
    with pytest.raises(CannotCompile, match="a processor of kind vax; the engine knows x86_64 and"):
        build(tmp_path / "built", "vax")


def test_where_it_cannot_be_written(source, tmp_path):
    (tmp_path / "built").write_text("a file")
    with pytest.raises(CannotCompile, match="built: File exists"):
        build(tmp_path / "built")


def test_the_command_line(tmp_path):
    command = [sys.executable, "-m", "cnntrain.nn.engines.compiled.build", str(tmp_path / "built")]
    done = subprocess.run(command, env={"CC": "/nowhere/cc"}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == ("the engine was not compiled: /nowhere/cc: No such file or directory\n")
