"""Text from files and names, made harmless."""

import pytest

from cnntrain.text import nearest, printable


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
