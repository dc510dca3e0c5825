"""YAML to plain values with positions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnntrain.config.source.yaml import MAX_BYTES, MAX_NODES, parse_value, read
from cnntrain.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1e3", 1000.0),
        ("1.5E+3", 1500.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-7", -7),
        ("+7", 7),
        ("0755", 755),
        ("0o17", 15),
        ("0x1f", 31),
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("NO", "NO"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2024-01-01", "2024-01-01"),
        ("0b11", "0b11"),
        ("1e", "1e"),
        ("~", None),
        ("null", None),
        ("", None),
        ("'5'", "5"),
        ('"true"', "true"),
        ("''", ""),
        ("|\n  a\n  b", "a\nb"),
        ("9" * 100, int("9" * 100)),
    ],
)
def test_scalars_follow_yaml_1_2(text: str, value: object) -> None:
    document = read(f"key: {text}")
    assert document.problems == []
    assert document.value == {"key": value}
    assert type(document.value["key"]) is type(value)


def test_every_value_and_key_has_its_line_and_column() -> None:
    document = read("a: 1\nlayers:\n  - {type: relu}\n  - [2,  x]\n")
    assert document.value == {"a": 1, "layers": [{"type": "relu"}, [2, "x"]]}
    assert document.values == {
        (): (1, 1),
        ("a",): (1, 4),
        ("layers",): (3, 3),
        ("layers", 0): (3, 5),
        ("layers", 0, "type"): (3, 12),
        ("layers", 1): (4, 5),
        ("layers", 1, 0): (4, 6),
        ("layers", 1, 1): (4, 10),
    }
    assert document.keys == {("a",): (1, 1), ("layers",): (2, 1), ("layers", 0, "type"): (3, 6)}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("a: 1\nb: 2\na: 3", [((3, 1), "duplicate key 'a', first given on line 1")]),
        ("a:\n  b: {c: 1, c: 2}", [((2, 13), "duplicate key 'c', first given on line 2")]),
        ("a: &x 1", [((1, 4), "anchors (&x) are not allowed (leave it out)")]),
        ("a: *x", [((1, 4), "aliases (*x) are not allowed (write the value out)")]),
        ("<<: {a: 1}", [((1, 1), "merge keys (<<) are not allowed (write the keys out)")]),
        ("a: !t 1", [((1, 4), "tags (!t) are not allowed (leave it out)")]),
        ("a: !!str 1", [((1, 4), "tags (tag:yaml.org,2002:str) are not allowed (leave it out)")]),
        ("1: a", [((1, 1), "found the key 1, expected text (quote it)")]),
        ("~: a", [((1, 1), "found the key ~, expected text (quote it)")]),
        ("[a]: 1", [((1, 1), "found the key [...], expected text (quote it)")]),
        ("? {a: 1}\n: 1", [((1, 3), "found the key {...}, expected text (quote it)")]),
        ("a: .nan", [((1, 4), "found .nan, expected a finite number")]),
        ("a: -.inf", [((1, 4), "found -.inf, expected a finite number")]),
        (
            "a: 1e999",
            [
                (
                    (1, 4),
                    "found a number beyond the range of float64, expected a finite number",
                )
            ],
        ),
        (
            f"a: {'1' * 5000}",
            [((1, 4), "found a number of 5000 digits, expected at most 100")],
        ),
    ],
)
def test_reading_goes_on_after_a_problem(
    text: str, problems: list[tuple[tuple[int, int], str]]
) -> None:
    document = read(text)
    assert document.problems == problems
    assert document.complete


def test_all_problems_are_listed_and_the_first_of_equal_keys_is_kept() -> None:
    document = read("a: &x 1\nb: *x\na: 2\n<<: 3\nc: [!!int 4, .inf]\n")
    assert [position for position, _ in document.problems] == [
        (1, 4),
        (2, 4),
        (3, 1),
        (4, 1),
        (5, 5),
        (5, 14),
    ]
    assert document.value == {"a": 1, "b": None, "c": [4, None]}
    assert document.unreadable == {("b",), ("c", 1)}


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("a: 1\n---\nb: 2", (2, 1), "found a second document, expected one"),
        ("a: [1, 2", (1, 9), "(a comma, or the bracket's end, is missing)"),
        ("a: {b: 1\nc: 2", (2, 2), "(a comma, or the brace's end, is missing)"),
        ("a: 1\nb:2\nc: 3", (2, 1), "(a key, a colon, a blank and a value)"),
        ("a: 1\nb\nc: 3", (2, 1), "(a key, a colon, a blank and a value)"),
        ("a: 1\n  b: 2", (2, 4), "(one key a line, indented as those beside it; quote a colon)"),
        ("a:\n  b: 1\n c: 2", (3, 2), "(indent it as those beside it)"),
        ("a:\n\t- 1", (2, 1), "(indent with blanks, not with tabs)"),
        ("a: 1\n- b", (2, 1), "not YAML: while parsing a block mapping"),
        ('a: "\\UFFFFFFFF"', (1, 7), "not YAML: "),
        ("a: 1\nb: \x00", (2, 4), "found the character \\x00, which YAML does not allow"),
        ("a: \x1b[2J", (1, 4), "found the character \\x1b, which YAML does not allow"),
        (b"a: 1\nb: \xff", (2, 4), "found the byte 0xff, expected UTF-8"),
        ("a: 1".encode("utf-16"), (1, 1), "found UTF-16, expected UTF-8 (save the file as UTF-8)"),
        ("[" * 3000, (1, 52), "found values nested deeper than 50 levels, expected a config"),
        ("? " * 3000, (1, 103), "found values nested deeper than 50 levels, expected a config"),
        ("#" * (MAX_BYTES + 1), (1, 1), "found more than 256 KiB, expected a config"),
        ("[" + "1," * MAX_NODES + "]", (1, 20000), "found more than 10000 values and keys"),
    ],
)
def test_reading_stops_where_nothing_more_can_be_understood(
    text: str | bytes, position: tuple[int, int], message: str
) -> None:
    document = read(text)
    assert not document.complete
    (found,) = document.problems
    assert found[0] == position
    assert message in found[1]


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "\ufeff", b"\xef\xbb\xbf"])
def test_an_empty_file_holds_nothing(text: str | bytes) -> None:
    document = read(text)
    assert document.value is None
    assert document.complete
    assert document.problems == []
    assert document.values[()][1] in (1, 4)


def test_a_byte_order_mark_of_utf_8_does_not_count() -> None:
    assert read(b"\xef\xbb\xbfa: 1").value == {"a": 1}
    assert read(b"\xef\xbb\xbfa: 1").keys == {("a",): (1, 1)}


def test_bombs_of_aliases_and_merge_keys_are_refused_at_once() -> None:
    laughs = "a0: &a0 [x]\n" + "".join(
        f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30)
    )
    merges = "a0: &a0 {x: 1}\n" + "".join(
        f"a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * 9)}]}}\n" for i in range(1, 30)
    )
    assert len(read(laughs).problems) == 30 + 29 * 9
    assert len(read(merges).problems) == 30 + 29 * 10


def test_no_tag_makes_an_object(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    document = read(f"a: !!python/object/apply:os.mkdir ['{canary}']")
    assert "tags (tag:yaml.org,2002:python/object/apply:os.mkdir)" in document.problems[0][1]
    assert not canary.exists()


def test_parse_value_names_where_the_text_was_given() -> None:
    assert parse_value("{type: adam, rate: 1e-3}", "--set x=...") == {"type": "adam", "rate": 0.001}
    with pytest.raises(ConfigError) as caught:
        parse_value("[1", "--set x=[1")
    assert str(caught.value).startswith("--set x=[1: error: not YAML: ")


@settings(deadline=None)
@given(st.text() | st.text(alphabet="ab:-[]{},&*!|>'\"%?#\n \t\\0x.~<"))
def test_reading_any_text_ends_with_a_document(text: str) -> None:
    document = read(text)
    assert document.complete or document.problems
    assert all(line >= 1 and column >= 1 for (line, column), _ in document.problems)


@settings(deadline=None)
@given(st.binary())
def test_reading_any_bytes_ends_with_a_document(data: bytes) -> None:
    document = read(data)
    assert document.complete or document.problems
