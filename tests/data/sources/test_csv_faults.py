"""Tables that are refused, by their line."""

import csv
import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnntrain.data.sources import SOURCES
from cnntrain.errors import ConfigError, DataError

from .test_csv import TABLE, refusal, text_of

HEAD = "label,a,b\n"
GOOD = HEAD + "0,1,2\n1,3,4\n"


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("", "", "data.csv: holds nothing"),
        (HEAD, "", "data.csv: holds no row below its header"),
        (GOOD + "1,5\n", "", "data.csv:4: 2 cells, expected 3"),
        (GOOD + "1,5,6,7\n", "", "data.csv:4: 4 cells, expected 3"),
        (GOOD + '1,"5,6",7,8\n', "", "data.csv:4: 4 cells, expected 3"),
        (GOOD + "\n1,,6\n", "", "data.csv:5: column a is empty, expected a number"),
        (GOOD + ",5,6\n", "", "data.csv:4: column label is empty"),
        (GOOD + "1,5,x6\n", "", "data.csv:4: column b holds 'x6', expected a number"),
        (GOOD + "1,5,nan\n", "", "data.csv:4: column b holds 'nan', expected a number"),
        (GOOD + "1,5,1e999\n", "", "data.csv:4: column b holds '1e999', expected a number"),
        (GOOD + "1,5,\x1b[2J\n", "", r"data.csv:4: column b holds '\x1b[2J', expected a number"),
        (GOOD + "NaN,5,6\n", "", "data.csv:4: column label holds 'NaN', expected a label"),
        (GOOD + "x" * 300 + ",5,6\n", "", "data.csv:4: column label holds 300 characters, "
         "expected 256 at most"),
        (GOOD + '1,"5,6\n', "", "data.csv:4: a quote without its counterpart"),
        (GOOD + "1,5,\0\n", "", "data.csv:4: a null byte, expected text"),
        (GOOD.encode() + b"\xff,5,6\n", "", "data.csv:4: byte 1 is not UTF-8 (save the table as "
         "UTF-8)"),
        (GOOD.encode("utf-16"), "", "data.csv:1: a null byte, expected text"),
        (GOOD.replace("\n", "\r"), "", "data.csv:1: a carriage return, expected lines that end in "
         r"\n"),
        ("label,a,a\n0,1,2\n", "", "data.csv:1: two columns are called a"),
        ("5,0,0\n0,1,2\n", "", "data.csv:1: numbers, expected the names of the columns (set "
         "data.header: false if no line names the columns)"),
        ("cat,0,0\n", "", "data.csv:1: two columns are called 0 (set data.header: false if no "
         "line names the columns)"),
        (GOOD, ", header: false, label: 0", "data.csv:1: column 1 holds 'a', expected a number "
         "(leave data.header out if line 1 names the columns)"),
        (GOOD.replace("label", "Label"), "", "data.csv: no column label, there are Label, a, b "
         "(did you mean Label?)"),
        (GOOD, ", label: kind", "data.csv: no column kind, there are label, a, b (set data.label)"),
        (GOOD, ", label: 3", "data.csv: data.label is column 3, there are 3 columns: 0 to 2"),
        (GOOD, ", label: -4", "data.csv: data.label is column -4, there are 3 columns: 0 to 2"),
        (GOOD, ", columns: 'p*'", "data.csv: no column matches p*, there are label, a, b (set "
         "data.columns)"),
        (GOOD, ", columns: label", "data.csv: no column of inputs (set data.columns)"),
        (GOOD.replace("a,", ","), "", "data.csv: column 1 has no name (set data.ignore: 1 if it is "
         "no input, such as the index that pandas writes)"),
        (GOOD, ", shape: [1, 1]", "data.csv: 2 columns of inputs, data.shape expects 1 x 1 = 1 (is "
         "a an input? set data.shape, data.columns or data.ignore)"),
        (GOOD, ", shape: [2, 2, 3]", "data.csv: 2 columns of inputs, data.shape expects 2 x 2 x 3 "
         "= 12 (set data.shape, data.columns or data.ignore)"),
        (GOOD, ", part: b", "data.csv:2: column b holds '2', expected one of train, validation, "
         "test"),
        ("label,a,b\n0,1,trian\n", ", part: b", "data.csv:2: column b holds 'trian', expected one "
         "of train, validation, test (did you mean train?)"),
        (GOOD, ", part: label", "data.csv: data.label and data.part name one column, expected "
         "different ones"),
        ("label,a,b\n0,1,test\n", ", part: b", "data.csv: no row of the part train"),
        (GOOD.replace(",", ";"), "", "data.csv:1: one column (is there a semicolon between cells? "
         "set data.separator: semicolon)"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_on_one_line(table, text, more, message):
    assert refusal(table, text, more) == message


def test_a_fault_is_found_in_any_block_of_rows(table):
    rows = [[i % 2, *[i % 256] * 2000] for i in range(1200)]
    rows[1100][1700] = "?"
    text = text_of(rows, ["label", *(f"p{i}" for i in range(2000))])
    assert refusal(table, text) == "data.csv:1102: column p1699 holds '?', expected a number"


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("label,a,c\n0,1,2\n", "test.csv: no column b, as in the training part"),
        ("label,a\n0,1\n", "test.csv: no column b, as in the training part"),
        (
            "label,a,b,c\n0,1,2,3\n",
            "test.csv: another column of inputs, c, as in the training part",
        ),
        ("a,b\n1,2\n", "test.csv: no column label, there are a, b (set data.label)"),
        ("label,a,b\nx,1,2\n", "test label 0 is 'x', expected one of 0, 1"),
    ],
)  # fmt: skip
def test_files_of_parts_hold_the_same_columns(table, test, message):
    assert refusal(table, GOOD, ", test_path: test.csv", test=test) == message


def test_tables_without_names_have_as_many_columns(table):
    told = refusal(table, "0,1,2\n1,3,4\n", ", header: false, label: 0, test_path: test.csv",
                   test="0,1\n")  # fmt: skip
    assert told == "test.csv: 1 column of inputs, expected 2, as in the training part"


@pytest.mark.parametrize("cut", [10, 40, -9, -1])
def test_a_damaged_gzip_file_is_refused(table, cut):
    assert "data.csv: damaged gzip file" in refusal(table, gzip.compress(TABLE.encode())[:cut])


def test_a_line_without_an_end_takes_little_memory(table, memory):
    bomb = gzip.compress(b"label,a\n" + b"0" * 2**28)
    with memory() as used:
        told = refusal(table, bomb)
    assert told == "data.csv:2: more than 67,108,864 bytes in a line"
    assert used() < 2**29


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (", part: p, test_path: t.csv", "data.test_path beside data.part, expected one "
         "or the other (remove one)"),
        (", test: 0.2, test_path: t.csv", "data.test beside data.test_path, expected "
         "one or the other (remove one)"),
        (", header: false", "missing key data.label, expected the number of a column (0 "
         "is the first, -1 the last; data.header is false)"),
        (", header: false, label: 0, ignore: [a]", "invalid data.ignore, found a, "
         "expected a number (0 is the first, -1 the last): with data.header false columns have no "
         "names"),
        (", header: false, label: 0, group: a", "data.group names a column: with data.header false "
         "columns have no names"),
        (", shape: [8]", "invalid data.shape, found a list, expected a list "
         "[height, width] or [height, width, channels] or none"),
        (", colums: '*'", "unknown key data.colums (did you mean columns?)"),
        (", target: y", "unknown key data.target (did you mean label?)"),
        (", label: 1.5", "invalid data.label, found 1.5, expected a name or the number "
         "of a column"),
        (", columns: []", "invalid data.columns, found an empty list, expected a name "
         "or a pattern, the number of a column or a list of these"),
    ],
)  # fmt: skip
def test_settings_that_make_no_sense_are_refused_by_the_config(table, more, message):
    with pytest.raises(ConfigError) as caught:
        table(TABLE, more)
    assert [problem.split(": error: ")[-1] for problem in caught.value.problems] == [message]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(["label,a\n", "0,1\n", "a", "0", ",", "\n", '"', "1.5", "é", "\r\n", " "])
    ).map("".join)
    | st.binary()
)
def test_any_file_is_data_or_refused_on_one_line(tmp_path, content):
    """Whatever the reader takes, it takes as csv.reader does."""
    path = tmp_path / "any.csv"
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(content)
    try:
        read = SOURCES.validate({"source": "csv", "path": str(path)}).read()
    except DataError as error:
        assert "\n" not in str(error)
        return
    lines = content.decode("utf-8-sig").split("\n")
    rows = [row for row in csv.reader(lines) if "".join(row).strip()]
    names = [name.strip() for name in rows[0]]
    label = names.index("label")
    expected = [[float(row[i]) for i in range(len(names)) if i != label] for row in rows[1:]]
    np.testing.assert_array_equal(read.train.x, expected)
