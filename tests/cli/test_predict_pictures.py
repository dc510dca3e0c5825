"""`cnntrain predict` on picture files: from the shell, as people and scripts call it."""

import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import cnntrain as package
from cnntrain.data import load_dataset

PREDICT = [sys.executable, "-m", "cnntrain", "predict", "runs/small"]


@pytest.fixture
def trained(trained_once, tmp_path, monkeypatch):
    """A run in an empty directory that is also the working directory."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(trained_once, "runs/small")
    return Path("runs/small")


@pytest.fixture
def pixels(trained):
    """Digits, (12, 8, 8, 1), which are also in the files of `names`."""
    return load_dataset(package.load_model(trained).config.data).test.x[:12]


@pytest.fixture
def names(pixels):
    """In a folder and one below, with other things between."""
    Path("digits/more").mkdir(parents=True)
    found = [f"digits/{'more/' if 4 < i < 9 else ''}{i:02}.png" for i in range(len(pixels))]
    for name, image in zip(found, pixels, strict=True):
        Image.fromarray(image[..., 0]).save(name)
    for other in ("digits/.hidden.png", "digits/notes.txt", "digits/more/.thumbs/a.png"):
        Path(other).parent.mkdir(exist_ok=True)
        Path(other).write_text("")
    return sorted(found)


def process(*options, **settings):
    """`cnntrain predict` of its own, with pipes to it and from it."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*PREDICT, *options], **{"text": True, **pipes, **settings})


def test_a_folder_is_answered_in_the_order_of_the_names(trained, pixels, names, cnntrain):
    done = cnntrain("predict", trained, "digits", "--json")
    assert done.code == 0, done.err
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert [answer["input"] for answer in answers] == names
    assert {answer["index"] for answer in answers} == {0}
    numbers = [int(re.search(r"\d\d", name)[0]) for name in names]
    p = package.load_model(trained).predict_proba(pixels[numbers])
    np.testing.assert_array_equal(np.array([a["p"] for a in answers], dtype=np.float32), p)
    others = "passed over 3 files that are no pictures: .hidden.png, more/.thumbs, notes.txt"
    assert f"digits: {others}\n" in done.err
    assert "was not trained on picture files: pictures are cropped to 8 x 8 pixels" in done.err


def test_arrays_and_pictures_may_be_mixed(trained, pixels, names, cnntrain):
    np.save("two.npy", pixels[:2])
    Path("array").write_bytes(Path("two.npy").read_bytes())  # known by what is in it
    done = cnntrain("predict", trained, names[1], "two.npy", "array", names[0], "--csv", "--quiet")
    assert done.code == 0, done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    found = [(row["input"], row["index"]) for row in rows]
    arrays = [(name, index) for name in ("two.npy", "array") for index in "01"]
    assert found == [(names[1], "0"), *arrays, (names[0], "0")]
    p = [float(row["p"]) for row in rows]
    assert p[1:3] == p[3:5] == pytest.approx([p[5], p[0]], rel=1e-5)


def test_text_is_aligned_and_names_files_alone(trained, names, cnntrain):
    lines = cnntrain("predict", trained, "digits").out.splitlines()
    assert [line.split()[0] for line in lines] == names
    assert {line.index(re.search(r"[01]\.\d{4}", line)[0]) for line in lines} == {23}


def test_what_cannot_be_read_is_reported_and_the_rest_answered(trained, names, cnntrain):
    Path(names[3]).write_bytes(Path(names[3]).read_bytes()[:60])
    Path(names[7]).write_text("")
    for options in ((), ("--csv",), ("--json",)):
        done = cnntrain("predict", trained, "digits", "missing.png", "--quiet", *options)
        assert done.code == 3
        assert f"\ncannot read {names[3]}: it is truncated\n" in done.err
        assert f"\ncannot read {names[7]}: it is empty\n" in done.err
        assert "\ncannot read missing.png: No such file or directory\n" in done.err
        assert done.err.endswith("\ncnntrain: error: 3 of 13 pictures could not be read\n")
        assert len(done.out.splitlines()) == 10 + ("--csv" in options)


def test_all_probabilities_on_demand(trained, names, cnntrain):
    answers = [
        json.loads(line)
        for line in cnntrain("predict", trained, "digits", "--json").out.splitlines()
    ]
    rows = list(csv.DictReader(io.StringIO(
        cnntrain("predict", trained, "digits", "--csv", "--probabilities").out
    )))  # fmt: skip
    assert list(rows[0]) == ["input", "index", "label", "name", "p", *(f"p_{c}" for c in range(10))]
    for row, answer in zip(rows, answers, strict=True):
        assert [float(row[f"p_{c}"]) for c in range(10)] == answer["p"]
    head, *lines = cnntrain("predict", trained, "digits", "--probabilities").out.splitlines()
    assert head.split() == ["answer", "p", *map(str, range(10))]
    for line, answer in zip(lines, answers, strict=True):
        assert line.split() == [
            answer["input"], answer["name"], f"{max(answer['p']):.4f}",
            *(f"{p:.4f}" for p in answer["p"]),
        ]  # fmt: skip
        assert [line.index(part) for part in re.findall(r" \d\.\d{4}", line)][:1] == [
            head.index(" p")
        ]


def test_a_threshold_and_the_likeliest_classes(trained, names, cnntrain):
    sure = cnntrain("predict", trained, "digits", "--csv", "--threshold", 1, "--top", 2).out
    rows = list(csv.DictReader(io.StringIO(sure)))
    assert all((row["label"] == "") == (float(row["p"]) < 1) for row in rows)
    assert all(float(row["p_1"]) >= float(row["p_2"]) for row in rows)


@pytest.mark.parametrize(("ending", "options"), [("\n", ()), ("\0", ("--null",))])
@pytest.mark.parametrize("ends", [True, False])
def test_a_list_on_standard_input(trained, names, cnntrain, ending, options, ends):
    listed = ending.join([names[2], "", names[0], names[1]]) + (ending if ends else "")
    out, err = process("-", "--csv", *options).communicate(listed, timeout=60)
    asked = cnntrain("predict", trained, names[2], names[0], names[1], "--csv")
    assert out == asked.out, err


def test_an_empty_list_has_no_answers(trained):
    sent = process("-", "--quiet")
    assert sent.communicate("", timeout=60)[0] == ""
    assert sent.returncode == 0


def test_names_are_answered_as_they_come(trained, names):
    """A program that waits for each answer before it asks again is not kept waiting."""
    sent = process("-", "--json")
    alarm = threading.Timer(60, sent.kill)  # rather than wait for ever
    alarm.start()
    for name in names[:3]:
        sent.stdin.write(f"{name}\n")
        sent.stdin.flush()
        assert json.loads(sent.stdout.readline())["input"] == name
    sent.communicate(timeout=60)
    alarm.cancel()
    assert sent.returncode == 0


def test_what_is_no_list_is_refused(trained):
    sent = process("-", text=False)
    _, err = sent.communicate(bytes(200_000), timeout=60)
    assert sent.returncode == 3
    assert b"standard input has a line of more than 65,536 bytes" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-", "digits", "-"], "standard input is read once (found - twice)"),
        (
            ["digits", "--null"],
            "--null is about names on standard input (give - as an INPUT)",
        ),
        (["digits", "--top", 2, "--probabilities"], "--top and --probabilities exclude each other"),
    ],
)
def test_options_that_make_no_sense(trained, names, cnntrain, arguments, message):
    done = cnntrain("predict", trained, *arguments)
    assert (done.code, done.out, done.err) == (2, "", f"cnntrain: error: {message}\n")


def test_a_folder_without_pictures_is_an_error(trained, cnntrain):
    Path("empty/below").mkdir(parents=True)
    done = cnntrain("predict", trained, "empty")
    assert (done.code, done.err) == (3, "cnntrain: error: no pictures in empty\n")
    Path("empty/below/notes.txt").write_text("")
    done = cnntrain("predict", trained, "empty")
    assert done.err == (
        "cnntrain: error: no pictures in empty (passed over a file that is no picture: "
        "below/notes.txt)\n"
    )


def test_links_to_folders_are_not_followed(trained, names, cnntrain):
    Path("digits/more/loop").symlink_to("..")
    Path("digits/99.png").symlink_to(Path(names[0]).name)
    done = cnntrain("predict", trained, "digits", "--csv")
    assert len(done.out.splitlines()) == 1 + len(names) + 1
    assert "digits: did not follow 1 link to folders: more/loop\n" in done.err


def test_names_that_are_no_text_or_would_be_formulas(trained, names, cnntrain):
    odd = [b"=1+1.png", b"\xff\xfe.png", b"\x1b[2J.png", b"\xc2\x9b2J.png"]
    Path("odd").mkdir()
    for name in odd:
        Path("odd", os.fsdecode(name)).write_bytes(Path(names[0]).read_bytes())
    as_json, as_csv, as_text = (
        subprocess.run([*PREDICT, "odd", *options], capture_output=True, timeout=60)
        for options in (["--json"], ["--csv"], [])
    )
    found = [json.loads(line)["input"] for line in as_json.stdout.splitlines()]
    assert {os.fsencode(name) for name in found} == {b"odd/" + name for name in odd}
    for done in (as_json, as_csv, as_text):
        assert done.returncode == 0, done.stderr
        assert not re.search(b"\x1b|\xc2\x9b", done.stdout + done.stderr)
        done.stdout.decode()
    done = subprocess.run(
        [*PREDICT, "-", "--csv"], input=b"\n".join(b"odd/" + name for name in odd),
        capture_output=True, timeout=60,
    )  # fmt: skip
    assert sorted(done.stdout.splitlines()) == sorted(as_csv.stdout.splitlines())


def test_a_reader_who_leaves_ends_it_quietly(trained, names):
    script = f"yes {names[0]} | {' '.join(PREDICT)} - --quiet | head -n 2"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert len(done.stdout.splitlines()) == 2
    assert "Traceback" not in done.stderr
    assert "error" not in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_by_that_signal(trained, names, number):
    feeder = subprocess.Popen(["yes", names[0]], stdout=subprocess.PIPE)
    sent = process("-", "--json", stdin=feeder.stdout)
    feeder.stdout.close()
    sent.stdout.readline()
    sent.send_signal(number)
    _, err = sent.communicate(timeout=60)
    feeder.wait(timeout=60)
    assert sent.returncode == -number, err
    assert "Traceback" not in err


def test_speed_is_told_of_many(trained, names, cnntrain):
    told = re.compile(r"\n108 pictures in \d+\.\d s, [\d,]+ a second\n$")
    assert told.search(cnntrain("predict", trained, *["digits"] * 9).err)
    assert not told.search(cnntrain("predict", trained, *["digits"] * 9, "--quiet").err)
    assert " a second" not in cnntrain("predict", trained, "digits").err


def test_a_bar_is_shown_where_answers_go_elsewhere(trained, names):
    """On a terminal; the reports stand above it, on lines of their own."""
    master, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 80))
    Path(names[4]).write_text("")
    sent = process("digits", "--json", stderr=terminal)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(master, 4096):
            shown += piece
    except OSError:  # the terminal has been closed
        pass
    os.close(master)
    out, _ = sent.communicate(timeout=60)
    assert len(out.splitlines()) == 11
    assert b"/12 " in shown
    assert f"cannot read {names[4]}: it is empty\r\n".encode() in shown


def test_pictures_on_another_scale_are_warned_of_once(trained, cnntrain):
    Path("bright").mkdir()
    for number in range(20):
        Image.fromarray(np.full((8, 8), 200 + number, dtype=np.uint8)).save(f"bright/{number}.png")
    done = cnntrain("predict", trained, "bright")
    assert done.code == 0
    assert done.err.count("warning: the pictures lie between 200 and 219 (uint8)") == 1
    strict = cnntrain("predict", trained, "bright", "--strict")
    assert strict.code == 3
    assert "are they on another scale?" in strict.err


def test_the_examples_of_the_help_work(trained, names, cnntrain):
    done = subprocess.run(
        ["bash", "-c", f"find digits -name '0*.png' -print0 | {' '.join(PREDICT)} - --null --csv"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 11
