"""Pictures are decoded once, whatever happens to files and cache; the cache changes no pixel."""

import os
import shutil
import sys

import numpy as np
import pytest

from cnntrain.data.pictures.form import Form
from cnntrain.errors import UsageError

LONG_AGO = 10**9  # seconds since 1970


def aged(place):
    """Let the files be old enough to be told by their times."""
    for path in place.rglob("*.*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


def files(tmp_path):
    return sorted(path.suffix for path in (tmp_path / "cache").iterdir())


def test_pictures_are_decoded_once_and_mapped(gathered, place, settled, tmp_path):
    first, *counts = gathered(place)
    assert counts == [20, 20]
    assert isinstance(first.pixels, np.memmap)
    assert not first.pixels.flags.writeable
    again, *counts = gathered(place)
    assert counts == [0, 0]
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert files(tmp_path) == [".lock", ".rows", ".stamps"]


def test_without_a_cache_the_pixels_are_the_same(gathered, place, tmp_path):
    kept, *_ = gathered(place)
    plain, *counts = gathered(place, cache="none")
    assert counts == [20, 20]
    assert isinstance(plain.pixels, np.memmap)
    np.testing.assert_array_equal(kept.pixels, plain.pixels)


def test_files_that_changed_just_now_are_read_again_and_not_decoded(gathered, place):
    gathered(place)
    assert gathered(place)[1:] == (20, 0)


def test_a_touched_file_is_read_and_one_with_other_bytes_decoded(gathered, place, picture, settled):
    before, *_ = gathered(place)
    (place / "a" / "00.png").touch()
    assert gathered(place)[1:] == (1, 0)
    assert gathered(place)[1:] == (0, 0)
    pixels = picture(place / "a" / "02.png", seed=99)
    after, *counts = gathered(place)
    assert counts == [1, 1]
    np.testing.assert_array_equal(after.pixels[1], pixels)
    np.testing.assert_array_equal(np.delete(after.pixels, 1, 0), np.delete(before.pixels, 1, 0))


def test_an_edit_that_keeps_size_and_time_is_noticed(gathered, place, settled):
    """As of `cp -p`: the time of the last change of anything cannot be set."""
    aged(place)
    gathered(place)
    path = place / "a" / "00.png"
    content = bytearray(path.read_bytes())
    other = (place / "a" / "02.png").read_bytes()
    path.write_bytes(other[: len(content)] if len(other) >= len(content) else other)
    os.utime(path, (LONG_AGO, LONG_AGO))
    assert gathered(place)[1] == 1


def test_files_that_come_go_and_move_leave_the_others_alone(gathered, place, picture, settled):
    gathered(place)
    (place / "b" / "01.png").unlink()
    picture(place / "a" / "99.png", seed=50)
    found, *counts = gathered(place)
    assert counts == [1, 1]
    fresh, *_ = gathered(place, cache="none")
    np.testing.assert_array_equal(found.pixels, fresh.pixels)
    (place / "b" / "03.png").unlink()
    found, *counts = gathered(place)
    assert counts == [0, 0]
    np.testing.assert_array_equal(found.pixels, gathered(place, cache="none")[0].pixels)


def test_forms_and_directories_do_not_mix(gathered, place, tmp_path, settled):
    gathered(place)
    shutil.copytree(place, tmp_path / "copy")
    assert gathered(tmp_path / "copy")[1:] == (20, 20)
    assert gathered(place, Form(4, 4))[1:] == (20, 20)
    assert gathered(place)[1:] == (0, 0)


def test_what_cannot_be_read_has_no_row_and_is_tried_again(gathered, place, picture, settled):
    whole, *_ = gathered(place, cache="none")
    bad = [place / "a" / "04.png", place / "b" / "05.png"]
    for path in bad:
        path.write_bytes(b"")
    first, *_ = gathered(place)
    assert first.reasons == {2: "it is empty", 12: "it is empty"}
    np.testing.assert_array_equal(first.pixels, np.delete(whole.pixels, [2, 12], axis=0))
    again, *counts = gathered(place)
    assert counts == [2, 2]
    assert again.reasons == first.reasons
    np.testing.assert_array_equal(again.pixels, first.pixels)
    picture(bad[0], seed=4)
    assert gathered(place)[1:] == (2, 2)


def test_nothing_that_can_be_read(gathered, folder):
    place = folder("a/1.png", "b/1.png")
    for path in place.rglob("*.png"):
        path.write_bytes(b"")
    found, *_ = gathered(place)
    assert (len(found.pixels), len(found.reasons)) == (0, 2)


def test_without_pillow_the_error_says_how_to_get_it(gathered, place, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(UsageError, match=r"pip install 'cnntrain\[images\]'"):
        gathered(place)
