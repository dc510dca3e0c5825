"""The processes of a sweep: how many at a time, signals, interruption, and trials that fail."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cnntrain.runs.lock import locked
from cnntrain.sweeps.executor import Answer, answer_of, run_all

from ..run_files import events

SHORT = ("--rates", "0.005,0.05", "--epochs", "1", "--seeds", "2")
SLOW = ("--rates", "0.05", "--seeds", "2", "--jobs", "2", "--epochs", "200", "--run", "live")


def start(digits, *options):
    """A sweep in the background, in the directory `live`, and its trials."""
    command = [sys.executable, "-m", "cnntrain", "lr-sweep", str(digits), *SLOW, *options]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return process, [Path("live", "trials", f"rate-0.05-seed-{seed}") for seed in (0, 1)]


def pids(trials):
    return [json.loads((trial / ".lock.json").read_text())["pid"] for trial in trials]


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_when_an_interrupted_sweep_is_gone_so_are_its_trials(digits, cnntrain, wait_for, number):
    """Each has saved its state, and the sweep goes on."""
    process, trials = start(digits)
    wait_for(
        lambda: all((t / "checkpoints" / "last.safetensors").exists() for t in trials), process
    )
    running = pids(trials)
    process.send_signal(number)
    assert process.wait(60) == -number
    assert not any(map(is_running, running))
    for trial in trials:
        assert json.loads((trial / "summary.json").read_text())["status"] == "interrupted"
    assert cnntrain("lr-sweep", digits, *SLOW, "--resume", "--quiet").code == 0
    assert all(events(trial, "resume") for trial in trials)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP])
def test_a_request_for_a_checkpoint_reaches_the_trials_and_ends_nothing(digits, wait_for, number):
    """Those that have just been started, too."""
    process, trials = start(digits)
    wait_for(trials[1].parent.exists, process)
    process.send_signal(number)
    wait_for(
        lambda: all((t / "checkpoints" / "last.safetensors").exists() for t in trials), process
    )
    process.send_signal(number)
    wait_for(lambda: all(events(trial, "checkpoint") for trial in trials), process)
    assert process.wait(120) == 0
    assert all(e["cause"] == number.name for trial in trials for e in events(trial, "checkpoint"))


def test_a_trial_that_is_killed_is_named_and_the_tables_are_there(digits, cnntrain, wait_for):
    process, trials = start(digits, "--json")
    wait_for(
        lambda: all((t / "checkpoints" / "last.safetensors").exists() for t in trials), process
    )
    os.kill(pids(trials)[0], signal.SIGKILL)
    assert process.wait(120) == 5
    rows = Path("live/sweep.csv").read_text().splitlines()
    assert [row.split(",")[2] for row in rows[1:]] == ["running", "finished"]
    (warning, *_) = json.loads(Path("live/sweep.json").read_text())["warnings"]
    assert warning == "1 of 2 trials are missing (first: rate-0.05-seed-0)"
    assert answer_of(-9, "").message == "killed by SIGKILL (out of memory?); resume=True goes on"


def test_a_trial_that_fails_does_not_stop_the_others(digits, cnntrain):
    """A directory stands where a trial's file should be."""
    assert cnntrain("lr-sweep", digits, *SHORT, "--print-commands").code == 0
    blocked = Path("runs", "small-lr-sweep", "trials", "rate-0.005-seed-0")
    (blocked / "summary.json").mkdir(parents=True)
    done = cnntrain("lr-sweep", digits, *SHORT, "--resume")
    assert done.code == 4
    assert "1 of 4 trials failed, first rate-0.005-seed-0: runs/small-lr-sweep/trials/" in done.err
    assert "summary.json is a directory" in done.err
    assert "suggested rate" in done.out
    assert "warning: 1 of 4 trials are missing (first: rate-0.005-seed-0)" in done.out
    rows = (blocked.parent.parent / "sweep.csv").read_text().splitlines()[1:]
    assert [row.split(",")[2] for row in rows] == ["damaged", "finished", "finished", "finished"]


def test_a_trial_whose_files_are_damaged_is_not_taken_for_one_that_is_over(digits, cnntrain):
    assert cnntrain("lr-sweep", digits, *SHORT, "--quiet").code == 0
    Path("runs/small-lr-sweep/trials/rate-0.05-seed-1/metrics.csv").unlink()
    done = cnntrain("lr-sweep", digits, *SHORT, "--quiet", "--resume")
    assert done.code == 4
    assert "first rate-0.05-seed-1: no checkpoint in " in done.err
    assert "it does not match " in done.err


def collector():
    """What `run_all` tells, and a list of it."""
    told = []
    return (lambda name, answer: told.append((name, answer))), told


def test_the_pool_runs_so_many_at_a_time(tmp_path):
    """Each process leaves a mark while it runs, and counts those that it sees."""
    code = (
        "import os, sys, pathlib\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "mine = folder / str(os.getpid())\n"
        "mine.touch()\n"
        "most = max(len(list(folder.iterdir())) for _ in range(20000))\n"
        "mine.unlink()\n"
        "sys.stderr.write(f'noise\\n{most}')\n"
    )
    ended, told = collector()
    commands = [(str(k), [sys.executable, "-c", code, str(tmp_path)]) for k in range(5)]
    run_all(commands, 2, ended, print)
    assert sorted(name for name, _ in told) == list("01234")
    assert {answer.code for _, answer in told} == {0}
    assert max(int(answer.message) for _, answer in told) == 2


def test_what_asks_for_a_checkpoint_waits_until_a_trial_can_write_one():
    """A process is started with both signals held; `fit` lets them through."""
    code = (
        "import signal, sys\n"
        "held = signal.pthread_sigmask(signal.SIG_BLOCK, ())\n"
        "sys.stderr.write(' '.join(sorted(number.name for number in held)))\n"
    )
    ended, told = collector()
    run_all([("a", [sys.executable, "-c", code])], 1, ended, print)
    assert told == [("a", Answer(0, "SIGHUP SIGUSR1"))]
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_the_pool_waits_for_a_run_that_is_in_use(digits):
    """As one is that a sweep which was killed has left behind."""
    Path("busy").mkdir()
    command = [sys.executable, "-m", "cnntrain", "fit", str(digits), "--run", "busy", "--quiet"]
    ended, told = collector()
    notes = []
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(Path("busy")))

        def note(text):
            notes.append(text)
            stack.close()

        run_all([("a", command)], 1, ended, note)
    assert told == [("a", Answer(0, "exit code 0"))]
    assert "a: the run directory busy is in use by process" in notes[0]


def test_the_pool_ends_its_processes_however_it_ends(tmp_path):
    def fail(name, answer):
        raise RuntimeError("no more")

    pids = tmp_path / "pids"
    forever = f"import os, signal; open({str(pids)!r}, 'a').write(f'{{os.getpid()}}\\n'); "
    deaf = forever + "signal.signal(signal.SIGTERM, signal.SIG_IGN); signal.pause()"
    commands = [("0", [sys.executable, "-c", deaf]), ("1", [sys.executable, "-c", "import numpy"])]
    with pytest.raises(RuntimeError):
        run_all(commands, 2, fail, print)
    for pid in map(int, pids.read_text().split()):
        assert not is_running(pid)
