"""A cache of decoded pictures that is damaged, or cannot be, costs no result."""

import os

import numpy as np
import pytest

from cnntrain.data.pictures import gather, rows_file
from cnntrain.data.pictures.folders import list_folders
from cnntrain.errors import StorageError

from .conftest import FORM
from .test_gather import files


def damaged(content, how):
    if how == "truncated":
        return content[: len(content) // 2]
    if how == "empty":
        return b""
    changed = bytearray(content)
    changed[{"pixels": 100, "digests": -200, "tail": -1}[how]] ^= 1
    return bytes(changed)


@pytest.mark.parametrize("how", ["truncated", "empty", "pixels", "digests", "tail"])
def test_a_damaged_file_is_as_none(gathered, place, tmp_path, settled, how):
    before, *_ = gathered(place)
    want = np.array(before.pixels)
    (rows,) = (tmp_path / "cache").glob("*.rows")
    content = damaged(rows.read_bytes(), how)
    rows.unlink()
    rows.write_bytes(content)
    after, *counts = gathered(place)
    assert counts == [20, 20]
    np.testing.assert_array_equal(after.pixels, want)
    assert gathered(place)[1:] == (0, 0)


def test_damaged_stamps_cost_reading(gathered, place, tmp_path, settled):
    gathered(place)
    (stamps,) = (tmp_path / "cache").glob("*.stamps")
    for content in (b"", stamps.read_bytes()[:-9], bytes(len(stamps.read_bytes()))):
        stamps.write_bytes(content)
        assert gathered(place)[1:] == (20, 0)
        assert gathered(place)[1:] == (0, 0)


def test_another_decoder_decodes_anew(gathered, place, monkeypatch, settled):
    gathered(place)
    monkeypatch.setattr("cnntrain.data.pictures.cache.pillow_version", lambda: "99.0")
    assert gathered(place)[1:] == (20, 20)


def test_links_and_pipes_in_the_cache_are_not_opened(gathered, place, tmp_path, settled):
    gathered(place)
    (rows,) = (tmp_path / "cache").glob("*.rows")
    rows.rename(tmp_path / "elsewhere")
    rows.symlink_to(tmp_path / "elsewhere")
    assert gathered(place)[1:] == (20, 20)
    rows.unlink()
    os.mkfifo(rows)
    assert gathered(place)[1:] == (20, 20)
    assert gathered(place)[1:] == (0, 0)


def test_a_cache_that_cannot_be_written_is_a_warning(gathered, place, tmp_path):
    (tmp_path / "file").write_text("")
    found, *_ = gathered(place, cache=str(tmp_path / "file" / "cache"))
    (warning,) = found.warnings
    assert "cannot be kept in" in warning and "Not a directory" in warning
    assert len(found.pixels) == 20


def test_a_full_disk_is_a_warning_and_without_any_space_an_error(
    gathered, place, monkeypatch, tmp_path
):
    def full(*_):
        raise OSError(28, "No space left on device")

    real = rows_file.NewRows.put
    monkeypatch.setattr(rows_file.NewRows, "finish", full)
    with pytest.raises(StorageError, match=r"cannot write decoded pictures to .*No space left"):
        gathered(place)
    calls = iter([full, *[real] * 99])
    monkeypatch.undo()
    monkeypatch.setattr(rows_file.NewRows, "put", lambda *a: next(calls)(*a))
    found = gather.gather(
        [p.name for p in list_folders(place).pictures],
        [p.path for p in list_folders(place).pictures],
        place, FORM, str(tmp_path / "cache"),
    )  # fmt: skip
    assert "No space left on device" in found.warnings[0]
    assert len(found.pixels) == 20
    assert files(tmp_path) == [".lock"]
