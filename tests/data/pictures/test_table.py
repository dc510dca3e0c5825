"""Pictures that a table names."""

import pytest

from cnntrain.data.pictures.table import list_table
from cnntrain.errors import DataError


@pytest.fixture
def table(tmp_path):
    """`table(text)`: the listing of a table with this text."""

    def read(text, group="none"):
        path = tmp_path / "files.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return list_table(path, tmp_path, group)

    return read


def test_files_and_labels(table, tmp_path):
    listing = table("file,label\nb.png,dog\na/c.png,cat\n\n")
    assert [(p.name, p.label, p.path) for p in listing.pictures] == [
        ("a/c.png", "cat", f"{tmp_path}/a/c.png"), ("b.png", "dog", f"{tmp_path}/b.png"),
    ]  # fmt: skip
    assert listing.classes == ("cat", "dog")


def test_columns_in_any_order_quoted_and_with_a_byte_order_mark(table):
    listing = table(b'\xef\xbb\xbflabel,part,file\r\n"big ""cat""",test,"a,b.png"\r\n'
                    b'dog,train,c.png\r\n"big ""cat""",train,"d\ne.png"\r\n')  # fmt: skip
    assert list(listing.parts) == ["train", "test"]
    assert listing.parts["test"][0].name == "a,b.png"
    assert listing.parts["test"][0].label == 'big "cat"'
    assert listing.parts["train"][1].name == "d\ne.png"


def test_whole_numbers_are_classes_in_their_order(table):
    listing = table("file,label\n" + "".join(f"{i}.png,{i}\n" for i in range(12)))
    assert listing.classes == tuple(map(str, range(12)))


def test_real_numbers_are_targets(table):
    listing = table("file,label\na.png,1\nb.png,-2.5\nc.png,1e3\n")
    assert listing.classes is None
    assert [float(p.label) for p in listing.pictures] == [1, -2.5, 1000]


def test_groups_are_a_column(table):
    text = "file,label,patient\na.png,x,7\nb.png,y,8\n"
    assert [p.group for p in table(text, group="patient").pictures] == ["7", "8"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "files.csv: no column file in its first line (found none)"),
        ("file\na.png\n", "files.csv: no column label in its first line (found file)"),
        ("file,label,lable\n", "column lable, expected file, label, part (did you mean label?)"),
        ("file,label,group\n", "column group, expected file, label, part (is it data.group: grou"),
        ("file,label,label\n", "files.csv: two columns label"),
        ("file,label\na.png\n", "files.csv:2: 1 fields, expected 2"),
        ("file,label\na.png,x\nb.png, \n", "files.csv:3: no label"),
        ("file,label\na.png,x\n./a.png,x\n", "files.csv:3: ./a.png stands in line 2 already"),
        ("file,label,part\na.png,x,train\nb.png,y,val\n", "files.csv:3: part val, expected train"),
        ("file,label,part\na.png,x,test\n", "files.csv names no picture of the training part"),
        ("file,label\na.png,1.5\nb.png,x\n", "files.csv:3: label x, expected a number as in other"),
        ("file,label\na.png,1.5\nb.png,1e999\n", "files.csv:3: label 1e999 is too large a number"),
        ('file,label\n"a.png,x\n', "files.csv:2: not a row of a CSV file"),
        (b"file,label\n\xff.png,x\n", "files.csv is no text in UTF-8"),
        ("file,label\na.png,x\n", "one class, x, in"),
        (
            "file,label,part\na.png,x,train\nb.png,y,train\nc.png,z,test\n",
            "c.png in {}/files.csv: the test part has a class z that the training part lacks",
        ),
    ],
)
def test_what_is_wrong_with_a_table(table, tmp_path, text, problem):
    with pytest.raises(DataError) as error:
        table(text)
    assert problem.format(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)
