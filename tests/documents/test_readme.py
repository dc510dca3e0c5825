"""README.md: a short guide whose examples run, whose output is real, whose lists are complete."""

import os
import re
import subprocess
import sys

import pytest
from documents import DOCUMENTS, blocks
from picture import draw, transcript
from readme import EVALUATION, FIRST_RUN, PICTURE, block, section, transcripts

import cnntrain as package
from cnntrain.cli.main import COMMANDS
from cnntrain.config import load_config
from cnntrain.config.reference import Reference

TEXT = DOCUMENTS["README.md"]


def shape(text):
    """`text` without its figures and the blanks that align them."""
    return re.sub(r"[\s\d.,*]+", " ", re.sub(r"\d+", "0", text))


@pytest.fixture(scope="module")
def fresh():
    """What the first run and its evaluation print now."""
    return transcripts(FIRST_RUN, EVALUATION)


def test_it_is_short():
    assert len(TEXT.splitlines()) <= 300


@pytest.mark.slow
def test_the_picture_is_current(fresh):
    """Its words; its figures, the number of epochs too, may differ elsewhere."""
    shown = PICTURE.read_text(encoding="utf-8")
    head, end = "left\n", "\nrun  "
    for text in (transcript(shown), fresh[0]):
        assert head in text
        assert end in text
    assert shape(transcript(shown).split(head)[0]) == shape(fresh[0].split(head)[0])
    assert shape(transcript(shown).split(end)[1]) == shape(fresh[0].split(end)[1])


def test_the_picture_is_drawn_from_the_text_in_it():
    shown = PICTURE.read_text(encoding="utf-8")
    assert draw(transcript(shown)) == shown


@pytest.mark.slow
def test_the_transcript_is_current(fresh):
    """Its words; its figures may differ on another kind of machine."""
    assert shape(section(TEXT, "evaluation")) == shape(block(fresh[1]))


@pytest.mark.slow
def test_the_shell_examples_leave_their_runs(folder):
    runs = {path.name for path in (folder / "runs").iterdir()}
    seeds = {"seed-0", "seed-1", "seed-2"}
    sweeps = {"digits-sweep", "digits-lr-sweep"}
    alone = {"digits", "online", "wide", "pictures", "loop", "imported", "from-torch"}
    assert runs == {*alone, *sweeps, *seeds}
    assert len((folder / "results.jsonl").read_text().splitlines()) == 3


@pytest.mark.slow
def test_the_sweeps_that_are_shown_can_be_run(folder):
    text = "".join(code for text in DOCUMENTS.values() for code in blocks(text, "text"))
    pattern = r"^(?:\$ )?(cnntrain (?:lr-)?sweep .*)$"
    commands = re.findall(pattern, text.replace("\\\n", ""), flags=re.MULTILINE)
    trials = []
    for command in commands:
        plan = subprocess.run(
            ["bash", "-c", f"{command} --run shown --dry-run"],
            cwd=folder,
            env={**os.environ, "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        assert plan.returncode == 0, plan.stderr
        trials.append(len(plan.stdout.splitlines()))
    assert sorted(trials) == [12, 21, 27, 90]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(blocks(TEXT, "python"))))
def test_the_python_examples_run(folder, monkeypatch, number):
    monkeypatch.chdir(folder)
    code = blocks(TEXT, "python")[number]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, f"{code}\n{done.stderr}"


def test_the_config_example_trains(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks(TEXT, "yaml")
    (tmp_path / "example.yaml").write_text(example)
    run = tmp_path / "runs" / "digits-from-readme"
    package.fit(load_config("example.yaml"), run=run)
    assert '"status": "finished"' in (run / "summary.json").read_text()


def test_every_command_is_listed():
    shown = re.findall(r"^\| `cnntrain ([a-z-]+)", TEXT, flags=re.MULTILINE)
    assert sorted(shown) == sorted(str(command.name) for command in COMMANDS)


def test_the_exit_codes_are_those_of_the_errors():
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)}
    raised = {
        getattr(package, name).exit_code for name in package.__all__ if name.endswith("Error")
    }
    assert listed == raised | {0, 7, 8}


def test_the_python_names_exist():
    text = "".join(DOCUMENTS.values())
    for name in re.findall(r"\bcnntrain\.([A-Za-z_]+)\(|`cnntrain\.([A-Za-z_]+)`", text):
        assert "".join(name) in package.__all__


def test_the_layers_named_are_those_there_are():
    (listed,) = re.findall(r"A network is a list of layers: (.*?)\.", TEXT, flags=re.DOTALL)
    known = [found.tag[1] for found in Reference().find("layers")[1]]
    assert sorted(re.findall(r"`(\w+)`", listed)) == sorted(known)
