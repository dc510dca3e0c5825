"""Data sets in tables: columns, parts, types, labels; and what is refused, by its line."""

import csv
import gzip

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cnntrain.data.sources import SOURCES
from cnntrain.errors import ConfigError, DataError

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (12, 6), dtype=np.uint8)
Y = np.arange(12) % 3
PIXELS = [f"pixel{i}" for i in range(6)]


def text_of(rows, names=None, separator=","):
    """A table as text."""
    lines = ([names] if names else []) + [list(map(str, row)) for row in rows]
    return "".join(separator.join(line) + "\n" for line in lines)


TABLE = text_of([[y, *x] for x, y in zip(X, Y, strict=True)], ["label", *PIXELS])


@pytest.fixture
def table(tmp_path, load):
    """`table(text, more, test=text)`: the data set in these tables, with `more` keys."""

    def loaded(text, more="", **others):
        for name, content in {"data": text, **others}.items():
            content = content.encode() if isinstance(content, str) else content
            (tmp_path / f"{name}.csv").write_bytes(content)
        return load(f"{{source: csv, path: data.csv{more}}}")

    return loaded


def refusal(table, text, more="", **others):
    """The message, on one line, with which a table is refused, without the folder."""
    with pytest.raises(DataError) as caught:
        table(text, more, **others)
    assert "\n" not in str(caught.value)
    return " ".join(word.rsplit("/", 1)[-1] for word in str(caught.value).split(" "))


def test_a_row_is_a_sample_of_pixels_beside_its_label(table):
    data = table(TABLE, ", shape: [2, 3]")
    np.testing.assert_array_equal(data.train.x, X.reshape(12, 2, 3, 1))
    np.testing.assert_array_equal(data.train.y, Y)
    assert data.train.x.dtype == np.uint8 and data.class_names == ("0", "1", "2")


def test_channels_are_last_and_without_a_shape_a_row_is_a_vector(table):
    data = table(TABLE, ", shape: [1, 2, 3]")
    np.testing.assert_array_equal(data.train.x, X.reshape(12, 1, 2, 3))
    assert table(TABLE).input_shape == (6,)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\n\n") + "  \n",
        lambda text: text[:-1],
        lambda text: text.replace(",", " , "),
        lambda text: "".join(f'"{line.replace(",", chr(34) + "," + chr(34))}"\n' for line in
                             text.splitlines()),
        lambda text: gzip.compress(text.encode()),
        lambda text: gzip.compress(text[:30].encode()) + gzip.compress(text[30:].encode()),
    ],
)  # fmt: skip
def test_the_same_table_in_another_dress(table, change):
    assert table(change(TABLE)).fingerprint == table(TABLE).fingerprint


@pytest.mark.parametrize(("word", "character"), [("semicolon", ";"), ("tab", "\t")])
def test_cells_may_stand_between_other_separators(table, word, character):
    text = TABLE.replace(",", character)
    assert table(text, f", separator: {word}").fingerprint == table(TABLE).fingerprint


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (X, np.uint8),
        (X.astype(int) * 257, np.float32),
        (-1 - X.astype(int), np.float32),
        (X / 255, np.float64),
        (X.astype(int) * 2**20 + 1, np.float64),
        (X.astype(float), np.uint8),  # 3.0 is a whole number
    ],
)
def test_the_type_is_the_smallest_that_loses_nothing(table, values, kind):
    text = text_of([[y, *map(repr, x.tolist())] for x, y in zip(values, Y, strict=True)],
                   ["label", *PIXELS])  # fmt: skip
    x = table(text).train.x
    assert x.dtype == kind
    np.testing.assert_array_equal(x, values)


def test_all_parts_have_the_type_that_holds_the_largest(table):
    test = text_of([[y, *x] for x, y in zip(X / 2, Y, strict=True)], ["label", *PIXELS])
    data = table(TABLE, ", test_path: test.csv", test=test)
    assert data.train.x.dtype == data.test.x.dtype == np.float64


def test_an_npz_of_the_same_values_is_the_same_data(table, npz):
    for values in (X, X.astype(int) * 257, X / 255):
        rows = [[y, *map(repr, x.tolist())] for x, y in zip(values, Y, strict=True)]
        data = table(text_of(rows, ["label", *PIXELS]))
        assert data.fingerprint == npz(x=values, y=Y).fingerprint


@pytest.mark.parametrize(
    ("labels", "targets", "names"),
    [
        (["1", "0", "2"], [1, 0, 2], ("0", "1", "2")),
        (["dog", "cat", " dog"], [1, 0, 1], ("cat", "dog")),
        (["1", "10", "x"], [0, 1, 2], ("1", "10", "x")),
        (['"a,b"', '"say ""hi"""', "c"], [0, 2, 1], ("a,b", "c", 'say "hi"')),
        (["1.5", "2", "-3e1"], [[1.5], [2], [-30]], None),
        (["1.0", "0.0", "2.0"], [[1], [0], [2]], None),
    ],
)
def test_labels_are_whole_numbers_text_or_targets(table, labels, targets, names):
    text = text_of([[labels[i % 3], *X[i]] for i in range(12)], ["label", *PIXELS])
    data = table(text)
    assert data.class_names == names
    assert data.train.y[:3].tolist() == targets


def test_classes_can_have_names(table):
    named = ", class_names: [ant, bee, cat, dog]"
    assert table(TABLE, named).class_names == ("ant", "bee", "cat", "dog")
    text = text_of([["cat" if y else "ant", *x] for x, y in zip(X, Y, strict=True)],
                   ["label", *PIXELS])  # fmt: skip
    assert table(text).class_names == ("ant", "cat")
    data = table(text, named)
    assert data.class_names == ("ant", "bee", "cat", "dog")
    np.testing.assert_array_equal(data.train.y, np.where(Y, 2, 0))
    years = text.replace("ant", "2024").replace("cat", "2025")
    data = table(years, ", class_names: ['2023', '2024', '2025']")
    np.testing.assert_array_equal(data.train.y, np.where(Y, 2, 1))
    told = refusal(table, text, ", class_names: [ant, bee]")
    assert told == "training label 1 is 'cat', expected one of ant, bee"
    told = refusal(table, text.replace("cat", "1.5"), ", class_names: [ant, bee]")
    assert told == "training label 1 is '1.5', expected one of ant, bee"
    told = refusal(table, TABLE, ", class_names: [ant, bee]")
    assert told == "training label 2 is 2, allowed is 0 to 1"


def test_columns_are_chosen_by_name_by_pattern_and_by_number(table):
    rows = [[7, y, *x, "note"] for x, y in zip(X, Y, strict=True)]
    text = text_of(rows, ["id", "kind", *PIXELS, "remark"])
    for more in (
        ", label: kind, columns: pixel*",
        ", label: kind, columns: 'p?xel?'",
        ", label: 1, ignore: [id, remark]",
        ", label: -8, ignore: [0, -1]",
        ", label: kind, columns: [pixel0, 3, 'pixel*'], ignore: re*",
    ):
        np.testing.assert_array_equal(table(text, more).train.x, X)
    data = table(text, ", label: kind, columns: [pixel3, 2]")
    np.testing.assert_array_equal(data.train.x, X[:, [3, 0]])
    text = text.replace("pixel0", "pixel[0]*")
    data = table(text, ", label: kind, columns: 'pixel[0]*'")
    np.testing.assert_array_equal(data.train.x, X[:, :1])


def test_a_column_that_counts_the_rows_is_a_warning(table):
    rows = [[7 + i, y, *x] for i, (x, y) in enumerate(zip(X, Y, strict=True))]
    (warning,) = table(text_of(rows, ["id", "label", *PIXELS])).warnings
    assert warning.endswith(
        "data.csv: column id counts the rows: is it an input? (set data.ignore)"
    )
    assert table(text_of(rows, ["id", "label", *PIXELS]), ", ignore: id").warnings == ()
    rows[-1][0] += 1
    assert table(text_of(rows, ["id", "label", *PIXELS])).warnings == ()


def test_a_table_without_names_has_numbered_columns(table):
    text = text_of([[*x, y] for x, y in zip(X, Y, strict=True)])
    data = table(text, ", header: false, label: -1")
    assert data.fingerprint == table(TABLE).fingerprint
    data = table(text, ", header: false, label: 6, columns: [1, 0]")
    np.testing.assert_array_equal(data.train.x, X[:, [1, 0]])


def test_columns_that_are_counted_have_names(table):
    text = text_of([[*x, y] for x, y in zip(X, Y, strict=True)], list("0123456"))
    assert table(text, ", label: '6'").fingerprint == table(TABLE).fingerprint


def test_other_parts_have_files_or_a_column(table):
    rows = [[y, *x] for x, y in zip(X, Y, strict=True)]
    names = ["label", *PIXELS]
    texts = [text_of(rows[4 * i : 4 * i + 4], names) for i in range(3)]
    files = table(texts[0], ", validation_path: v.csv, test_path: t.csv", v=texts[1], t=texts[2])
    parts = ["train", "validation", "test"]
    text = text_of([[*row, parts[i // 4]] for i, row in enumerate(rows)], [*names, "part"])
    column = table(text, ", part: part")
    assert column.fingerprint == files.fingerprint
    np.testing.assert_array_equal(files.test.x, X[8:])
    assert list(files.parts) == parts


def test_columns_of_another_file_are_found_by_their_names(table):
    turned = text_of([[*x[::-1], y] for x, y in zip(X, Y, strict=True)], [*PIXELS[::-1], "label"])
    data = table(TABLE, ", test_path: test.csv", test=turned)
    np.testing.assert_array_equal(data.test.x, data.train.x)


def test_a_column_tells_which_samples_belong_together(table):
    rows = [[y, *x, f"patient {i // 2}"] for i, (x, y) in enumerate(zip(X, Y, strict=True))]
    text = text_of(rows, ["label", *PIXELS, "patient"])
    data = table(text, ", group: patient, test: 4", test=TABLE)
    np.testing.assert_array_equal(data.train.examples.x, X)
    groups = data.train.examples.groups
    assert groups.tolist() == [f"patient {i // 2}" for i in range(12)]
    assert not set(groups[data.train.indices]) & set(groups[data.test.indices])
    data = table(text, ", group: patient, test_path: test.csv", test=TABLE)
    assert data.test.examples.groups is None


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


def test_the_digits_as_a_table_and_as_an_array_train_to_the_same_bytes(digits, cnntrain):
    read = SOURCES.validate("digits").read().train
    np.savez("digits.npz", x=read.x, y=read.y)
    text = digits.read_text()
    source = "source: digits, validation: 0.1"
    assert source in text
    table = text_of([[*x.ravel(), y] for x, y in zip(read.x, read.y, strict=True)])
    (digits.parent / "digits.csv").write_text(table)
    written = {}
    for name, keys in {
        "digits": "source: digits",
        "npz": "source: npz, path: digits.npz, test: 0.2",
        "csv": "source: csv, path: digits.csv, header: false, label: -1, shape: [8, 8], test: 0.2",
    }.items():
        digits.write_text(text.replace(source, f"{keys}, validation: 0.1"))
        assert cnntrain("fit", digits, "--run", name, "--quiet").code == 0
        written[name] = (digits.parent / name / "metrics.csv").read_bytes()
    assert written["csv"] == written["npz"] == written["digits"]


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
