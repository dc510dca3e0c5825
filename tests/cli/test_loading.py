"""The bar while pictures are decoded: on a terminal alone, and gone in the end."""

import io
import sys
from types import SimpleNamespace

import pytest
from PIL import Image

from cnntrain.cli import loading
from cnntrain.waiting import tell, watched


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def terminal(monkeypatch):
    """Standard error, 80 columns wide; bars appear at once."""
    monkeypatch.setattr(loading, "PATIENCE", 0.0)
    monkeypatch.setattr(loading, "REFRESH", 0.0)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setattr(loading, "sys", SimpleNamespace(stderr=Terminal()))
    return loading.sys.stderr


def test_nobody_is_told_by_default():
    tell("decoding pictures", 1, 2)


def test_the_innermost_watch_is_told():
    told = []
    with watched(lambda *a: told.append(("outer", *a))):
        with watched(lambda *a: told.append(("inner", *a))):
            tell("x", 1, 2)
        tell("y", 1, 2)
    tell("z", 1, 2)
    assert told == [("inner", "x", 1, 2), ("outer", "y", 1, 2)]


def test_a_bar_grows_and_goes(terminal):
    with loading.loading_shown():
        for done in (0, 30, 100):
            tell("decoding pictures", done, 100)
    shown = terminal.getvalue().split("\r")
    assert any("decoding pictures |" in line and "30/100" in line for line in shown)
    assert shown[-1].strip() == ""


def test_what_has_no_end_is_a_line(terminal):
    with loading.loading_shown():
        tell("waiting for another process", 0, 0)
        assert "waiting for another process" in terminal.getvalue()
    assert terminal.getvalue().split("\r")[-1].strip() == ""


def test_an_error_takes_the_bar_away(terminal):
    with pytest.raises(KeyError), loading.loading_shown():
        tell("decoding pictures", 3, 100)
        raise KeyError
    assert terminal.getvalue().split("\r")[-1].strip() == ""


def test_a_terminal_that_has_gone_stops_nothing(terminal):
    with loading.loading_shown():
        terminal.close()
        tell("decoding pictures", 3, 100)


CONFIG = """\
data: {source: images, directory: pictures, size: 4}
layers: [flatten, {type: dense, units: 2}, softmax]
loss: cross_entropy
batch_size: 4
epochs: 1
learning_rate: 0.1
"""


@pytest.mark.parametrize(
    ("arguments", "seen"),
    [
        (("describe",), True),
        (("fit", "--run", "a"), True),
        (("fit", "--run", "b", "--quiet"), False),
        (("check-gradients",), True),
    ],
)
def test_every_command_that_reads_pictures_shows_it(
    tmp_path, cnntrain, monkeypatch, arguments, seen
):
    told = []
    monkeypatch.setattr(loading.LoadingBar, "__call__", lambda self, *a: told.append(a))
    monkeypatch.setattr(type(sys.stderr), "isatty", lambda self: True, raising=False)
    monkeypatch.chdir(tmp_path)
    for i in range(4):
        path = tmp_path / "pictures" / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (5, 5), 60 * i).save(path)
    (tmp_path / "c.yaml").write_text(CONFIG)
    command, *options = arguments
    assert cnntrain(command, "c.yaml", *options).code == 0
    assert bool(told) == seen
    if seen:
        assert told[-1] == ("decoding pictures", 4, 4)
