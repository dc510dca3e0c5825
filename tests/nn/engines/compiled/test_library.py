"""Libraries that must not be loaded are refused with a reason: the system's loader would crash, or
worse, load them."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys

import pytest

from cnntrain.nn.engines.compiled import library as module
from cnntrain.nn.engines.compiled.build import LEVELS, RECORD, library_name, machine, record_missing
from cnntrain.nn.engines.compiled.library import Library, levels, load

pytestmark = pytest.mark.skipif(not levels(), reason="there is no engine for this processor")


@pytest.fixture
def folder(libraries, tmp_path):
    """A folder with libraries that may be damaged."""
    return shutil.copytree(libraries, tmp_path / "built")


@pytest.fixture
def best(folder):
    """The library in it that is loaded."""
    return folder / library_name(levels()[0])


@pytest.fixture
def only(folder, best):
    """The same, and there is no other."""
    for path in folder.glob("*.so"):
        if path != best:
            path.unlink()
    return best


def record(folder, **changes):
    """Change the record."""
    path = folder / RECORD
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def refused(folder):
    """Why it is refused, on one line with a way out."""
    found = load(folder)
    assert isinstance(found, str), found
    assert found.isprintable()
    reason, _, way_out = found.rpartition("; ")
    assert way_out.startswith("`python -m cnntrain.nn.engines.compiled.build` compiles it")
    return reason


def test_what_was_compiled_is_loaded(folder):
    found = load(folder)
    assert isinstance(found, Library)
    assert found.level == levels()[0]
    assert "-ffp-contract=off" in found.compiled


CUT = """
import sys
from pathlib import Path
from cnntrain.nn.engines.compiled.library import load
folder, path = map(Path, sys.argv[1:])
whole = path.read_bytes()
for k in range(200):
    path.write_bytes(whole[: len(whole) * k // 200])
    load.cache_clear()
    assert "is not as it was compiled" in load(folder), k
path.write_bytes(whole)
load.cache_clear()
assert not isinstance(load(folder), str)
"""


def test_one_that_is_cut_off_crashes_nothing(folder, only):
    """In a process of its own, which a crash would end."""
    done = subprocess.run(
        [sys.executable, "-c", CUT, str(folder), str(only)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def damage_a_byte(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def a_directory(path):
    path.unlink()
    path.mkdir()


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_link_to_nowhere(path):
    path.unlink()
    path.symlink_to("nowhere")


DAMAGES = {
    "a byte": (damage_a_byte, "is not as it was compiled"),
    "garbage": (lambda path: path.write_bytes(b"\x7fELF garbage"), "is not as it was compiled"),
    "longer": (
        lambda path: path.write_bytes(path.read_bytes() + b"0"),
        "is not as it was compiled",
    ),
    "a directory": (a_directory, "cannot be loaded: it is a directory, expected a file"),
    "a pipe": (a_pipe, "cannot be loaded: it is a named pipe, expected a file"),
    "a link": (a_link_to_nowhere, "is missing"),
    "missing": (lambda path: path.unlink(), "is missing"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_one_is_refused(damage, folder, only):
    change, reason = DAMAGES[damage]
    change(only)
    assert reason in refused(folder)


@pytest.mark.skipif(len(levels()) < 2, reason="this processor takes one library only")
def test_the_next_best_takes_the_place_of_a_damaged_one(folder, best):
    damage_a_byte(best)
    found = load(folder)
    assert isinstance(found, Library)
    assert found.level == levels()[1]
    assert found.compiled.endswith(f"; {best.name} is not as it was compiled")


def test_one_for_another_kind_of_processor_is_refused(folder, only):
    """Whole, and known to the record; byte 18 of the header names the processor."""
    content = bytearray(only.read_bytes())
    content[18] = 8  # MIPS
    only.write_bytes(content)
    record(folder, sha256={levels()[0]: hashlib.sha256(content).hexdigest()})
    assert "cannot be loaded: " in refused(folder)


def test_one_of_other_c_files_is_refused(folder):
    record(folder, sources="0" * 64)
    assert refused(folder) == "it was compiled from other C files than those that are there now"


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"sha256": []}', '{"missing": 1}', "\x00", "\udcff", "9" * 5000],
)
def test_a_damaged_record_is_refused(text, folder):
    (folder / RECORD).write_bytes(text.encode(errors="surrogateescape"))
    assert "engine.json, the record of its compilation, is damaged" in refused(folder)


def test_an_empty_record_knows_no_library(folder):
    (folder / RECORD).write_text("{}")
    assert "it was compiled from other C files" in refused(folder)


def test_a_directory_in_place_of_the_record(folder):
    a_directory(folder / RECORD)
    assert refused(folder).endswith("engine.json: it is a directory, expected a file")


def test_where_nothing_was_compiled(tmp_path):
    assert refused(tmp_path) == refused(tmp_path / "built") == "it has not been compiled"


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "built").write_text("")
    assert refused(tmp_path / "built").endswith("engine.json: Not a directory")


def test_the_reason_of_the_installation_is_repeated(tmp_path):
    record_missing("no C compiler on\nPATH", tmp_path)
    assert refused(tmp_path) == r"no C compiler on\nPATH when cnntrain was installed"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [("x86_64", "x86_64 without AVX2 and FMA"), ("riscv64", "riscv64")],
)
def test_a_processor_that_the_engine_is_not_for(kind, reason, folder, monkeypatch):
    monkeypatch.setattr(module, "machine", lambda: kind)
    monkeypatch.setattr(module, "_abilities", lambda: frozenset({"sse2", "avx"}))
    assert load.__wrapped__(folder) == f"there is none for this processor ({reason})"


@pytest.mark.parametrize("level", levels())
def test_a_copy_in_another_process_is_the_same_library(level, libraries):
    found = load(libraries, level)
    assert pickle.loads(pickle.dumps(found)) is found


def test_every_level_says_what_it_needs():
    assert set(module.NEEDED) == {level for kind in LEVELS.values() for level in kind}
    assert machine() in LEVELS
