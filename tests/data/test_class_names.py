"""Names of classes, wherever they come from."""

import json

import numpy as np
import pytest

from cnntrain.data.class_names import name_problem
from cnntrain.errors import DataError
from cnntrain.runs import checkpoint_file

X, Y = np.zeros((30, 3)) + np.arange(3), np.arange(30) % 3

WRONG = [
    (["cat", "dog", "cat"], "class 2 is called 'cat', and class 0 'cat', expected names that "
     "differ"),
    (["cat", "", "dog"], "class 1 is called '', expected a name that can be seen"),
    (["cat", "dog", " \t"], r"class 2 is called ' \t', expected a name that can be seen"),
    (["a b", "a  b", "c"], "class 1 is called 'a  b', and class 0 'a b', expected"),
    (["cat", "dog ", "dog"], "class 2 is called 'dog', and class 1 'dog ', expected"),
    (["a\nb", "a\\nb", "c"], r"class 1 is called 'a\nb', and class 0 'a\nb', expected"),
    (["caf\u00e9", "cafe\u0301", "c"], "and class 0 'caf\u00e9', expected names that differ"),
    (["cat", "dog\udc80", "c"], r"class 1 is called 'dog\udc80', expected text that UTF-8 can"),
]  # fmt: skip


@pytest.mark.parametrize(("names", "message"), WRONG)
def test_names_that_do_not_tell_classes_apart_are_refused(npz, names, message):
    with pytest.raises(DataError) as caught:
        npz(x=X, y=Y, class_names=np.array(names))
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_labels_that_are_text_are_such_names_too(npz):
    with pytest.raises(DataError, match="class 0 is called '', expected a name that can be seen"):
        npz(x=X, y=np.array(["", "dog", "cat"])[Y])


@pytest.mark.parametrize("names", [["Cat", "cat"], ["0", "00"], ["-1", "+1"], ["猫", "犬"]])
def test_names_that_differ_are_fine(names):
    assert name_problem(names) is None


def test_a_command_ends_with_3(digits, cnntrain):
    np.savez("d.npz", x=X, y=Y, class_names=np.array(["cat", "dog", "\udc80"]))
    done = cnntrain("fit", digits, "--set", "data={source: npz, path: d.npz}")
    assert done.code == 3
    assert r"class 2 is called '\udc80'" in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("name", ["0", " ", "\udc80"])
def test_a_checkpoint_with_such_names_is_damaged(trained, cnntrain, name):
    path = trained / "checkpoints" / "best.safetensors"
    arrays, metadata = checkpoint_file.read(path)
    metadata = json.loads(json.dumps(metadata))
    metadata["class_names"][1] = name
    path.write_bytes(checkpoint_file.encode(arrays, metadata))
    done = cnntrain("evaluate", path)
    assert done.code == 4
    assert "class_names: class 1 is called" in done.err or "lone leading surrogate" in done.err
    assert done.err.count("\n") == 1
