"""Completion, in a real bash and by the protocol of the other shells."""

import os
import subprocess
import sys

import pytest


def completed(line, shell="bash"):
    """What a shell is offered for the last word of a line."""
    words = line.split(" ")
    asked = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "fish": {"COMP_WORDS": line, "COMP_CWORD": words[-1]},
    }
    environment = {**os.environ, **asked[shell], "_CNNTRAIN_COMPLETE": f"{shell}_complete"}
    done = subprocess.run(
        [sys.executable, "-m", "cnntrain"],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("cnntrain lr", ["plain,lr-sweep"]),
        ("cnntrain init dig", ["plain,digits"]),
        ("cnntrain fit x.yaml --set learning_rate.ini", ["plain,learning_rate.initial="]),
        ("cnntrain fit x.yaml --set optimizer.beta1", ["plain,optimizer.beta1="]),
        ("cnntrain reference layers.conv.fil", ["plain,layers.conv.filters"]),
        ("cnntrain completion f", ["plain,fish"]),
        ("cnntrain fit dig", ["file,dig"]),
        ("cnntrain fit x.yaml --run ru", ["dir,ru"]),
        ("cnntrain evaluate ru", ["file,ru"]),
        ("cnntrain watch ru", ["dir,ru"]),
        ("cnntrain compare ru", ["dir,ru"]),
        ("cnntrain describe ru", ["file,ru"]),
    ],
)
def test_what_is_offered(line, offered):
    assert completed(line) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_offered_the_same(shell):
    assert any("learning_rate.initial=" in line for line in completed(
        "cnntrain fit x.yaml --set learning_rate.ini", shell))  # fmt: skip


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell(cnntrain, shell):
    done = cnntrain("completion", shell)
    assert (done.code, done.err) == (0, "")
    assert "_CNNTRAIN_COMPLETE" in done.out


def test_in_a_real_bash(cnntrain, tmp_path):
    """The script is read, and asked as the key Tab would."""
    (tmp_path / "cnntrain").write_text(
        f"#!{sys.executable}\nfrom cnntrain.cli.main import main\nmain()\n"
    )
    (tmp_path / "cnntrain").chmod(0o755)
    (tmp_path / "script").write_text(cnntrain("completion", "bash").out)
    ask = (
        f"PATH={tmp_path}:$PATH; source {tmp_path}/script; "
        "COMP_WORDS=(cnntrain lr); COMP_CWORD=1; _cnntrain_completion cnntrain; "
        'echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True)
    assert done.stdout.strip() == "lr-sweep", done.stderr
