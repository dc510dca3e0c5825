"""Text from files and names, made harmless."""

import ast
import re
from pathlib import Path

import pytest

from cnntrain import RunExistsError, fit, text
from cnntrain.text import argument, nearest, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 数", "plain ü 数"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[2J", "\\x1b[2J"),
        ("\u202eabc", "\\u202eabc"),
        ("\udc80", "\\udc80"),
        ("a\u00a0b", "a\\xa0b"),
        (3.5, "3.5"),
    ],
)
def test_what_would_steer_a_terminal_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(text).isprintable()


def test_long_text_is_cut():
    assert printable("x" * 100) == "x" * 77 + "..."
    assert printable("x" * 100, limit=100) == "x" * 100


def test_nearest_finds_what_was_meant_or_nothing():
    assert nearest("filtres", ["filters", "kernel"]) == "filters"
    assert nearest("zzz", ["filters", "kernel"]) is None
    assert nearest("max_pol", ["max_pool", "relu"]) == "max_pool"


def test_of_names_in_parts_each_part_must_be_near():
    assert nearest("avg_pool", ["max_pool"]) is None
    assert nearest("batch_norm", ["batch_size"]) is None
    assert nearest("val_fraction", ["validation"]) == "validation"


def test_arguments_are_named_as_they_are_given(cnntrain, trained, digits):
    """In Python as Python has them, on the command line as options."""
    with pytest.raises(RunExistsError) as caught:
        fit(digits)
    assert str(caught.value) == (
        "runs/small already holds a run (resume=True goes on, overwrite=True starts over, or "
        "choose another directory with run=)"
    )
    assert cnntrain("fit", digits, "--quiet").err.endswith(
        "(--resume goes on, --overwrite starts over, or choose another directory with --run)\n"
    )
    assert argument("allow_changes", flag=True) == "allow_changes=True"


PACKAGE = Path(text.__file__).parent
LIBRARY = [path for path in PACKAGE.rglob("*.py") if path.parent.name != "cli"]
NOT_MESSAGES = {
    "build.py",
    "executor.py",
    "directory.py",
    "overrides.py",
    "grid.py",
    "text.py",
}  # arguments of commands


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_library_speaks_of_no_options(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            option = re.search(r"(?:^|[ (])--[a-z]", node.value)
            docstring = "\n" in node.value or node.value.endswith(".")
            assert not option or docstring or path.name in NOT_MESSAGES, node.value
