"""Pictures are decoded once, whatever happens to files and cache; the cache changes no pixel."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnntrain.data.pictures import decoding, gather, rows_file
from cnntrain.data.pictures.folders import list_folders
from cnntrain.data.pictures.form import Form
from cnntrain.errors import StorageError, UsageError

FORM = Form(6, 8)
LONG_AGO = 10**9  # seconds since 1970


def aged(place):
    """Let the files be old enough to be told by their times."""
    for path in place.rglob("*.*"):
        os.utime(path, (LONG_AGO, LONG_AGO))


@pytest.fixture
def settled(monkeypatch):
    """Files that were made in this test count as old."""
    monkeypatch.setattr("cnntrain.data.pictures.stamps.RACY", -(10**12))


@pytest.fixture
def place(folder):
    """A directory of 20 pictures."""
    return folder(*(f"{'ab'[i % 2]}/{i:02}.png" for i in range(20)))


@pytest.fixture
def gathered(tmp_path, monkeypatch):
    """`gathered(place, form)`: its pixels, and which pictures were read and decoded."""
    read, decoded = [], []
    monkeypatch.setattr(
        decoding, "read", lambda path, real=decoding.read: (read.append(path), real(path))[1]
    )
    monkeypatch.setattr(
        decoding,
        "decode_bytes",
        lambda *a, real=decoding.decode_bytes: (decoded.append(a), real(*a))[1],
    )

    def run(place, form=FORM, cache=None):
        read.clear(), decoded.clear()
        pictures = list_folders(place).pictures
        found = gather.gather(
            [p.name for p in pictures],
            [p.path for p in pictures],
            place,
            form,
            str(tmp_path / "cache") if cache is None else cache,
        )
        return found, len(read), len(decoded)

    return run


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


# A cache that is damaged, or cannot be ------------------------------------------------------------


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


def test_without_pillow_the_error_says_how_to_get_it(gathered, place, monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL.Image", None)
    with pytest.raises(UsageError, match=r"pip install 'cnntrain\[images\]'"):
        gathered(place)


# Many pictures, several processes -----------------------------------------------------------------


@pytest.mark.slow
def test_processes_decode_as_threads_do(gathered, folder, monkeypatch):
    place = folder(*(f"{'ab'[i % 2]}/{i:03}.png" for i in range(100)))
    (place / "a" / "050.png").write_bytes(b"damaged")
    threads, *_ = gathered(place, cache="none")
    monkeypatch.setattr(decoding, "MANY", 10)
    monkeypatch.setattr(decoding, "usable_cores", lambda: 2)
    processes, *counts = gathered(place, cache="none")
    assert counts == [0, 0]  # here
    np.testing.assert_array_equal(threads.pixels, processes.pixels)
    assert threads.reasons == processes.reasons


@pytest.mark.slow
def test_a_process_that_is_killed_is_an_error(gathered, folder, monkeypatch):
    place = folder(*(f"{'ab'[i % 2]}/{i:03}.png" for i in range(40)))
    code = "import os; os.kill(os.getpid(), 9)"
    monkeypatch.setattr(decoding, "PROGRAM", (sys.executable, "-c", code))
    monkeypatch.setattr(decoding, "MANY", 10)
    monkeypatch.setattr(decoding, "usable_cores", lambda: 2)
    with pytest.raises(StorageError, match="a process that decodes pictures was killed by signal"):
        gathered(place)


GATHER = """
import sys
from pathlib import Path
from cnntrain.data.pictures import decoding
from cnntrain.data.pictures.folders import list_folders
from cnntrain.data.pictures.form import Form
from cnntrain.data.pictures.gather import gather
decoding.MANY = 10
place = Path(sys.argv[1])
p = list_folders(place).pictures
found = gather([a.name for a in p], [a.path for a in p], place, Form(6, 8), sys.argv[2])
print(int(found.pixels.sum()), len(found.warnings))
"""


def gathering(place, cache):
    command = [sys.executable, "-c", GATHER, place, cache]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_kill_at_any_time_leaves_what_the_next_one_can_use(gathered, folder, tmp_path, wait_for):
    place = folder(*(f"{'ab'[i % 2]}/{i:04}.png" for i in range(1500)))
    cache = tmp_path / "cache"
    for moment in range(4):
        process = gathering(place, cache)
        if moment:
            wait_for(lambda: list(cache.glob(".tmp-*")), process)
            time.sleep(0.05 * moment)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    found, *_ = gathered(place)
    assert len(found.pixels) == 1500
    assert {*files(tmp_path)} - {".stamps"} == {".lock", ".rows"}  # what was left behind has gone
    np.testing.assert_array_equal(found.pixels, gathered(place, cache="none")[0].pixels)


@pytest.mark.slow
def test_ctrl_c_ends_it_and_takes_what_was_begun_away(folder, tmp_path, wait_for):
    place = folder(*(f"{'ab'[i % 2]}/{i:04}.png" for i in range(3000)))
    cache = tmp_path / "cache"
    process = gathering(place, cache)
    wait_for(lambda: list(cache.glob(".tmp-*")), process)
    process.send_signal(signal.SIGINT)
    assert "KeyboardInterrupt" in process.communicate()[1]
    assert files(tmp_path) == [".lock"]


@pytest.mark.slow
def test_processes_import_nothing_from_the_working_directory(gathered, folder, monkeypatch):
    place = folder(*(f"{'ab'[i % 2]}/{i:03}.png" for i in range(40)))
    (place.parent / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(place.parent)
    monkeypatch.setattr(decoding, "MANY", 10)
    monkeypatch.setattr(decoding, "usable_cores", lambda: 2)
    assert len(gathered(place)[0].pixels) == 40


@pytest.mark.slow
def test_processes_at_once_decode_once_and_agree(folder, tmp_path):
    place = folder(*(f"{'ab'[i % 2]}/{i:03}.png" for i in range(300)))
    processes = [gathering(place, tmp_path / "cache") for _ in range(4)]
    answers = [process.communicate() for process in processes]
    assert len(set(answers)) == 1, answers
    assert answers[0][0].endswith(" 0\n")
    assert {*files(tmp_path)} - {".stamps"} == {".lock", ".rows"}  # new files have no stamps yet


@pytest.mark.slow
def test_two_thousand_pictures_are_decoded_once(gathered, folder, settled):
    place = folder(*(f"{'ab'[i % 2]}/{i:04}.png" for i in range(2000)))
    first, *_ = gathered(place)
    again, *counts = gathered(place)
    assert counts == [0, 0]
    assert len(again.pixels) == 2000
    assert not list(Path(place).rglob("*.rows"))
