"""Each fault of a data set is a finding, and clean data have none."""

import numpy as np
import pytest

from cnntrain.data.audit import audit


@pytest.fixture
def parts(photos):
    """A training part with 20 samples of each of 3 classes, and a test part, as arrays to spoil."""
    x, y = photos(60, channels=3)
    other, labels = photos(15, channels=3, seed=1)
    return {"train": (x, y), "test": (other, labels)}


@pytest.fixture
def found(dataset):
    """`found(parts)`: the messages of the findings, by kind."""

    def messages(parts, **options):
        return {f.kind: f.message for f in audit(dataset(**parts), **options).findings}

    return messages


def test_clean_data_have_none(found, parts):
    assert found(parts) == {}


def test_what_is_known_comes_first(dataset, parts):
    parts["train"][0][1] = 7
    report = audit(dataset(**parts), ["one", "two"])
    assert [f.kind for f in report.findings] == ["warning", "warning", "blank"]
    assert report.findings[0].message == "one"


def test_copies_in_a_part(found, parts):
    x, _ = parts["train"]
    x[33], x[36], x[59] = x[3], x[3], x[2]
    assert found(parts) == {
        "copies": "3 training samples equal to an earlier one of that part (each counts once more: "
        "leave the copies out)"
    }


def test_lookalikes_in_other_parts(found, parts):
    parts["test"][0][3] = parts["train"][0][9] + 1
    assert found(parts) == {
        "lookalikes": "1 test picture almost the same as one of the training part: test 3 and "
        "train 9 (keep such pictures in one part: data.group)"
    }


def test_lookalikes_with_different_labels(found, parts):
    x, _ = parts["train"]
    x[9] = x[3] + 1
    x[11] = x[4] + 1
    message = "1 pair of pictures that look the same with different labels: train 11 'c' and train"
    assert found(parts) == {
        "lookalikes_labelled_differently": f"{message} 4 'b' (correct the labels)"
    }


def test_tiny_classes(found, parts):
    x, _ = parts["train"]
    parts["train"] = x[:42], np.repeat([0, 1, 2], [22, 10, 10])
    assert found(parts) == {}
    parts["train"] = x[:40], np.repeat([0, 1, 2], [22, 9, 9])
    assert found(parts) == {
        "tiny_classes": "2 classes with fewer than 10 training samples: 'b' 9, 'c' 9 (collect "
        "more, or leave them out)"
    }


def test_imbalance(found, photos):
    x, _ = photos(132)
    parts = {"train": (x, np.repeat([0, 1], [121, 11]))}
    assert found(parts | {"train": (x, np.repeat([0, 1], [120, 12]))}) == {}
    message = found(parts)["imbalance"]
    assert message.startswith("class 'a' has 11 times the training samples of class 'b' (weigh")
    assert found(parts, weighted=True) == {}


def test_classes_that_a_part_lacks(found, parts):
    x, y = parts["test"]
    parts["test"] = x[y > 0], y[y > 0]
    assert found(parts) == {
        "absent_classes": "no test sample of 'a' (what is measured there says nothing of them)"
    }


def test_constant_channels(found, parts):
    for x, _ in parts.values():
        x[..., 1] = 200
    assert found(parts) == {
        "constant_channels": "channel 1 (always 200) never changes in the training part (leave it "
        "out)"
    }
    for x, _ in parts.values():
        x[..., 2] = 7
    assert found(parts)["constant_channels"].startswith(
        "channels 1 (always 200), 2 (always 7) never change"
    )


def test_constant_entries_of_vectors(found):
    x = np.random.default_rng(0).random((60, 40))
    x[:, 5:] = 1.5
    message = found({"train": (x, np.arange(60) % 3)})["constant_channels"]
    assert message.startswith("entries 5 (always 1.5), 6 (always 1.5), ")
    assert message.endswith(" and 30 more never change in the training part (leave them out)")


def test_constant_pixels(found, parts):
    for x, _ in parts.values():
        x[:, :9] = 0
    assert found(parts) == {
        "constant_pixels": "432 of the 768 numbers in a sample never change (crop the inputs to "
        "what does)"
    }


def test_equal_channels(found, photos):
    x, y = photos(60)
    assert found({"train": (np.repeat(x, 3, axis=3), y)}) == {
        "equal_channels": "the 3 channels are equal (one will do: color: gray for pictures)"
    }


def test_pictures_of_one_value(found, parts):
    parts["train"][0][5] = 9
    parts["test"][0][6] = 11
    parts["test"][0][7] = 10
    assert found(parts) == {
        "blank": "3 pictures of one value throughout: train 5, test 6, test 7 (nothing can be "
        "learned from that)"
    }


def test_more_are_counted_than_are_named(found, parts):
    parts["train"][0][:20] = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    assert "train 3, train 4 and 15 more (nothing" in found(parts)["blank"]


def test_a_part_of_another_origin(found, photos):
    x, y = photos(300, classes=3)
    other, labels = photos(200, seed=1)
    assert found({"train": (x, y), "test": (other, labels)}) == {}
    message = found({"train": (x, y), "test": (other // 2, labels)})["shifted"]
    assert message.startswith("channel 0 of the test inputs has mean ")
    assert message.endswith("(are they of the same origin?)")


def test_a_target_that_never_changes(found):
    x = np.random.default_rng(0).random((60, 4))
    y = np.stack([x.sum(axis=1), np.full(60, 0.5)], axis=1)
    assert found({"train": (x, y)}) == {
        "constant_target": "entry 1 of the training targets is always 0.5 (leave it out)"
    }


def test_files_are_named(dataset, parts):
    x, y = parts["train"]
    x[5] = 9
    files = {"train": tuple(f"cats/{k}\x1b.jpg" for k in range(60))}
    (finding,) = audit(dataset(train=(x, y), files=files)).findings
    assert "train cats/5\\x1b.jpg" in finding.message
