"""Changes in the text of a config, which leave all other characters as they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain.config.source.edit import edited
from cnntrain.config.source.writer import flow
from cnntrain.config.source.yaml import read


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("a: 1\n", {"a": 2}, "a: 2\n"),
        ("a: 1", {"a": 1, "b": 2}, "a: 1\nb: 2"),
        ("a: 1 # x\n# y\n", {"a": 1, "b": 2}, "a: 1 # x\nb: 2\n# y\n"),
        ("a: 1\r\n", {"a": 1, "b": 2}, "a: 1\r\nb: 2\r\n"),
        ("a: 1\nb: 2\nc: 3\n", {"a": 1, "c": 3}, "a: 1\nc: 3\n"),
        ("a:\n  b: 1\n  c: 2\nd: 1\n", {"a": {"b": 1, "c": 2, "e": 3}, "d": 1},
         "a:\n  b: 1\n  c: 2\n  e: 3\nd: 1\n"),
        ("a:\n  b: 1 # x\nd: 1\n", {"a": 5, "d": 1}, "a: 5 # x\nd: 1\n"),
        ("a:\nb: 1\n", {"a": 5, "b": 1}, "a: 5\nb: 1\n"),
        ("a: {}\n", {"a": {"b": 1}}, "a: {b: 1}\n"),
        ("a: {b: 1, c: 2} # x\n", {"a": {"c": 2}}, "a: {c: 2} # x\n"),
        ("a: {\n  b: 1 # x\n}\n", {"a": {"b": 1, "c": 2}}, "a: {\n  b: 1, c: 2 # x\n}\n"),
        ("a: [1, 2 ,3]\n", {"a": [1, 5, 3]}, "a: [1, 5 ,3]\n"),
        ("a: [1, 2]\n", {"a": [1]}, "a: [1]\n"),
        ("a:\n- b: 1\n  c: 2\n- 3\n", {"a": [{"b": 1, "c": 4}, 3]}, "a:\n- b: 1\n  c: 4\n- 3\n"),
        ("a: 1\n", {"a": True}, "a: true\n"),
        ("a: 1\n", {"a": 1.0}, "a: 1.0\n"),
        ("a: '1'\n", {"a": 1}, "a: 1\n"),
        ("\ufeffa: 1\n", {"a": 2}, "\ufeffa: 2\n"),
        ("---\na: 1\n...\n", {"a": 1, "b": 2}, "---\na: 1\nb: 2\n...\n"),
        ("{a: 1}", {"a": 1, "b": 2}, "{a: 1, b: 2}"),
    ],
)  # fmt: skip
def test_the_text(text, values, expected):
    assert edited(text, values) == expected


@pytest.mark.parametrize("text", ["", "[1]", "a"])
def test_what_is_no_mapping_cannot_be_changed(text):
    with pytest.raises(ValueError, match="no mapping"):
        edited(text, {"a": 1})


def test_what_would_not_read_back_is_refused():
    with pytest.raises(ValueError, match="read back"):
        edited("a: |\n  text\nb: 1\n", {"a": "x", "b": 1})


scalars = st.one_of(
    st.integers(-5, 5), st.booleans(), st.none(), st.sampled_from(["x", "no", "#", "a: b"])
)
keys = st.sampled_from(["a", "b", "long key", "d"])
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=8,
)
mappings = st.dictionaries(keys, trees, min_size=1, max_size=4)


def block(value, indent=0):
    """A mapping in block style, a comment on each line; what is empty or a scalar in flow style."""
    lines = []
    for key, inner in value.items():
        if isinstance(inner, dict) and inner:
            lines += [f"{' ' * indent}{key}:  # of {key}", *block(inner, indent + 2)]
        elif isinstance(inner, list) and inner:
            lines += [
                f"{' ' * indent}{key}:",
                *(f"{' ' * indent}- {flow(e)}  # one" for e in inner),
            ]
        else:
            lines.append(f"{' ' * indent}{key}: {flow(inner)}  # {key}")
    return lines


@given(mappings, mappings, st.booleans())
def test_any_mapping_can_be_turned_into_any_other(old, new, in_blocks):
    text = "\n".join(block(old)) + "\n" if in_blocks else flow(old)
    assert read(text).value == old
    assert read(edited(text, new)).value == new
    assert edited(text, old) == text


@given(mappings, st.data())
def test_where_one_value_changes_all_lines_but_one_remain(old, data):
    key = data.draw(st.sampled_from(sorted(old)))
    text = "\n".join(block({**old, key: 1}))
    made = edited(text, {**old, key: 7})
    changed = [
        pair for pair in zip(text.split("\n"), made.split("\n"), strict=True) if pair[0] != pair[1]
    ]
    assert changed == [(f"{key}: 1  # {key}", f"{key}: 7  # {key}")]
