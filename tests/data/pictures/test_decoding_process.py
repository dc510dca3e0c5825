"""Many pictures, decoded by several processes, at once or killed."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cnntrain.data.pictures import decoding
from cnntrain.errors import StorageError

from .test_gather import files


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
