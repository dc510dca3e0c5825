"""`cnntrain reference` in the terminal."""

import re
from collections import Counter

import pytest

from cnntrain.config.reference import Reference, markdown


def letters(text):
    """The characters of `text` by number, however its lines are broken and its cells aligned."""
    return Counter("".join(text.split()))


def test_a_section_is_a_table_of_its_keys(cnntrain):
    lines = cnntrain("reference", "learning_rate.exponential").out.splitlines()
    assert lines[:3] == ["learning_rate.exponential", "initial gamma^t, t in epochs.", ""]
    assert [line.split()[0] for line in lines[3:] if line[2] != " "] == [
        "initial",
        "gamma",
        "warm_up",
        "on_plateau",
    ]
    assert re.fullmatch(
        r"  initial     a number > 0 +The learning rate at the start. Required.", lines[3]
    )


def test_a_key_is_shown_with_its_values_and_default(cnntrain):
    assert cnntrain("reference", "compute.dtype").out.splitlines() == [
        "compute.dtype",
        "Type of the numbers.",
        "",
        "  value    float32 or float64",
        "  default  float32",
    ]
    assert "; required\n" in cnntrain("reference", "epochs").out


def test_a_key_that_holds_one_of_a_family_lists_the_family(cnntrain):
    out = cnntrain("reference", "layers").out
    assert re.search("^  layers.softmax +Soft-max", out, flags=re.MULTILINE)
    assert "derivative_at_zero" not in out


def test_without_a_key_everything_is_printed(cnntrain):
    out = cnntrain("reference").out
    for section in Reference().sections():
        for entry in section.entries:
            assert re.search(rf"^  {re.escape(entry.name)}  ", out, flags=re.MULTILINE)
    assert "layers with any type\n" in out


@pytest.mark.parametrize("columns", ["20", "60", "80", "100", "300"])
@pytest.mark.parametrize("key", [(), ("layers.conv",), ("optimizer",), ("data.idx.test",)])
def test_lines_fit_the_terminal_and_nothing_is_lost(cnntrain, monkeypatch, columns, key):
    monkeypatch.setenv("COLUMNS", "1000")
    whole = cnntrain("reference", *key).out
    monkeypatch.setenv("COLUMNS", columns)
    out = cnntrain("reference", *key).out
    assert max(map(len, out.splitlines())) <= min(max(int(columns), 60), 100)
    assert letters(out) == letters(whole)


def test_markdown_is_what_the_readme_holds(cnntrain):
    assert cnntrain("reference", "--markdown").out == markdown([], list(Reference().sections()))
    (row,) = cnntrain("reference", "epochs", "--markdown").out.splitlines()[2:]
    assert (
        row == "| `epochs` | an integer >= 1 | required | Passes over the training part, at most. |"
    )


def test_an_unknown_key_exits_2_with_one_line(cnntrain):
    result = cnntrain("reference", "layers.convo")
    assert (result.code, result.out) == (2, "")
    message = "the config has no key layers.convo (did you mean layers.conv?)"
    assert result.err == f"cnntrain: error: {message}\n"
