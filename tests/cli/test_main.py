"""The command line as a whole: help, errors on one line, exit codes, signals."""

import os
import re
import signal
import subprocess
import sys

import click
import pytest

from cnntrain.cli.main import COMMANDS, cli

NAMES = [str(command.name) for command in COMMANDS]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_has_help_with_an_example(cnntrain, name):
    for option in ("-h", "--help"):
        result = cnntrain(name, option)
        assert result.code == 0
        assert re.search(r"Examples?:\n", result.out)
        assert f"  cnntrain {name} " in result.out or f"  cnntrain {name}\n" in result.out
        assert max(map(len, result.out.splitlines())) <= 100


# What these print is no data, or JSON already.
WITHOUT_JSON = {"init", "reference", "schema", "completion", "control"}


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_results_come_as_json_too(command):
    options = {name for parameter in command.params for name in parameter.opts}
    assert ("--json" in options) == (command.name not in WITHOUT_JSON)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_a_command_that_works_on_a_config_takes_runs_and_checkpoints(command):
    """One that trains takes a config alone; one that follows a process, or has files of a whole
    run to compare, takes runs."""
    shown = {p.make_metavar(click.Context(command)) for p in command.params}
    targets = {part for text in shown for part in re.split(r"[|\[\].]+", text)}
    trains = command.name in {"fit", "sweep", "lr-sweep"}
    if targets & {"CONFIG", "CHECKPOINT"} and not trains:
        assert targets >= {"RUN", "CHECKPOINT"}


def test_the_help_lists_every_command_untruncated(cnntrain):
    out = cnntrain("--help").out
    for name in NAMES:
        line = next(line for line in out.splitlines() if line.startswith(f"  {name} "))
        assert line.endswith(".")
        assert not line.endswith("...")
    assert list(cli.commands) == NAMES


def test_version(cnntrain):
    first, engine, *_ = cnntrain("--version").out.splitlines()
    assert re.fullmatch(r"cnntrain \d+\.\d+\.\d+", first)
    assert re.match("engine: (compiled, .*-v|numpy, NumPy )", engine)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fti"], "No such command 'fti'. Did you mean 'fit'? (see cnntrain --help)"),
        (["fit"], "CONFIG is missing (it may be left out with --resume --run DIR)"),
        (["evaluate"], "Missing argument 'CHECKPOINT|RUN...'. (see cnntrain evaluate --help)"),
        (
            ["fit", "x.yaml", "--quite"],
            "No such option '--quite'. Did you mean '--quiet'? (see cnntrain fit --help)",
        ),
    ],
)
def test_usage_errors_take_one_line_and_exit_2(cnntrain, arguments, message):
    result = cnntrain(*arguments)
    assert (result.code, result.out, result.err) == (2, "", f"cnntrain: error: {message}\n")


def test_a_bug_keeps_its_traceback(digits):
    code = (
        "import sys, cnntrain.training.fit as f, cnntrain.cli.main as m\n"
        "def broken(*a, **k): raise RuntimeError('a bug')\n"
        "f.fit = broken\n"
        "sys.argv = ['cnntrain', 'fit', 'small.yaml']\n"
        "m.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert "RuntimeError: a bug" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_by_that_signal_and_leaves_a_summary(digits, number, wait_for):
    command = [sys.executable, "-m", "cnntrain", "fit", "small.yaml", "--json"]
    command += ["--set", "epochs=100000"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    first = digits.parent / "runs" / "small" / "checkpoints" / "last.safetensors"
    wait_for(first.exists, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == -number, err
    assert '"status": "interrupted"' in out
    assert err.splitlines()[-1] == f"interrupted: by {number.name} (--resume goes on)"
    assert "Traceback" not in err


def test_a_second_process_is_refused_while_a_run_is_under_way(digits, cnntrain, wait_for):
    command = [sys.executable, "-m", "cnntrain", "fit", "small.yaml", "--quiet"]
    command += ["--set", "epochs=100000"]
    process = subprocess.Popen(command)
    first = digits.parent / "runs" / "small" / "checkpoints" / "last.safetensors"
    wait_for(first.exists, process)
    try:
        for option in ("--quiet", "--resume"):
            result = cnntrain("fit", digits, option)
            assert result.code == 11
            assert re.fullmatch(
                r"cnntrain: error: the run directory runs/small is in use by process "
                rf"{process.pid} on \S+ since \S+Z\n",
                result.err,
            )
    finally:
        process.kill()
        process.wait()
    assert cnntrain("fit", digits, "--quiet").code == 12  # the lock died with its holder


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_broken_standard_error_does_not_stop_training(digits, redirection):
    script = (
        f"unset PYTHONUNBUFFERED; exec {sys.executable} -m cnntrain fit small.yaml {redirection}"
    )
    assert subprocess.run(["sh", "-c", script], stdout=subprocess.DEVNULL).returncode == 0
    run = digits.parent / "runs" / "small"
    assert '"status": "finished"' in (run / "summary.json").read_text()
    assert len((run / "metrics.csv").read_text().splitlines()) == 3


def test_without_a_command_there_is_the_help_and_exit_2(cnntrain):
    bare = cnntrain()
    assert (bare.code, bare.out) == (2, "")
    assert bare.err == cnntrain("--help").out


@pytest.mark.parametrize(
    "command", ["evaluate runs/small", "--help", "--version", "fit --help", "reference"]
)
def test_a_reader_that_goes_away_is_no_error(trained, command):
    script = f"{sys.executable} -m cnntrain {command} | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.parametrize("command", ["--help", "--version", "fit --help"])
def test_help_that_cannot_be_written_exits_5(command):
    script = f"unset PYTHONUNBUFFERED; {sys.executable} -m cnntrain {command} > /dev/full"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("\n")) == (5, 1)


def test_a_full_disk_under_standard_output_exits_5(trained):
    script = f"{sys.executable} -m cnntrain evaluate runs/small > /dev/full"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
    assert done.returncode == 5
    assert done.stderr == (
        "cnntrain: error: cannot write to standard output: No space left on device\n"
    )


def test_ctrl_c_stops_a_shell_loop(digits, wait_for):
    """The shell sees that the command died by SIGINT, and goes no further."""
    command = f"{sys.executable} -m cnntrain fit small.yaml --quiet --set epochs=100000"
    loop = f"for i in 1 2 3; do echo start $i; {command} --run run-$i; done"
    process = subprocess.Popen(
        ["bash", "-c", loop], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    first = digits.parent / "run-1" / "checkpoints" / "last.safetensors"
    wait_for(first.exists, process)
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out == "start 1\n"
    assert process.returncode == -signal.SIGINT
