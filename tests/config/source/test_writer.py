"""Plain values to YAML and back."""

from __future__ import annotations

import math
from typing import Any

import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnntrain.config.source.writer import to_yaml
from cnntrain.config.source.yaml import read

scalars = (
    st.none()
    | st.booleans()
    | st.integers(min_value=-(10**90), max_value=10**90)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def same(left: Any, right: Any) -> bool:
    """Equality that tells 1 from 1.0 and True, and 0.0 from -0.0."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return list(left) == list(right) and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, float):
        return left == right and math.copysign(1, left) == math.copysign(1, right)
    return bool(left == right)


@settings(deadline=None)
@given(st.dictionaries(st.text(), values, max_size=4), st.booleans())
@example({"a": ["no", "1e-3", "", "a: b", "#x", " x", "x ", "-", "---", "<<", "~", "0755"]}, True)
@example({"a": [1e-05, 1e22, 0.1, -0.0, 5e-324, 1.7976931348623157e308, 1.0]}, True)
@example({"a": {"b": "\x00\x1b\x85\u2028\ud800\ufeff\U0001f600\n", "null": "é"}}, True)
def test_what_is_written_reads_back_the_same_here_and_in_pyyaml(
    mapping: dict[str, Any], block: bool
) -> None:
    text = to_yaml(mapping, block=list(mapping) if block else ())
    document = read(text)
    assert document.problems == []
    assert same(document.value, mapping)
    assert same(yaml.safe_load(text), mapping)


def test_plain_words_stay_plain_and_lists_have_a_line_an_entry() -> None:
    text = to_yaml(
        {
            "name": "digits-1",
            "seed": 0,
            "data": {"path": "/a/b c.npz", "test": "none"},
            "layers": [{"type": "relu"}, {"bias": False}],
            "x": {"z": [1, 2.0]},
        },
        block=("data",),
    )
    assert text == (
        "name: digits-1\nseed: 0\ndata:\n  path: /a/b c.npz\n  test: none\n"
        "layers:\n  - {type: relu}\n  - {bias: false}\nx: {z: [1, 2.0]}\n"
    )


def test_what_yaml_1_1_takes_for_another_type_is_written_unmistakably() -> None:
    assert to_yaml({"a": ["no", "y", "1e-3", 1e-5]}) == (
        'a:\n  - "no"\n  - "y"\n  - "1e-3"\n  - 1.0e-05\n'
    )


def test_no_control_or_direction_character_is_written_raw() -> None:
    text = to_yaml({"a": "\x1b[2J\u202e\u200f\x07\x9b"})
    assert text.strip().isascii()
    assert text.strip().isprintable()
