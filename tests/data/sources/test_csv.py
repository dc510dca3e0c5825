"""Data sets in tables: columns, parts, types, labels; and what is refused, by its line."""

import gzip

import numpy as np
import pytest

from cnntrain.data.sources import SOURCES
from cnntrain.errors import DataError

RANDOM = np.random.default_rng(0)
X = RANDOM.integers(0, 256, (12, 6), dtype=np.uint8)
Y = np.arange(12) % 3
PIXELS = [f"pixel{i}" for i in range(6)]


def text_of(rows, names=None, separator=","):
    """A table as text."""
    lines = ([names] if names else []) + [list(map(str, row)) for row in rows]
    return "".join(separator.join(line) + "\n" for line in lines)


TABLE = text_of([[y, *x] for x, y in zip(X, Y, strict=True)], ["label", *PIXELS])


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
