"""The audit as a whole: plain for JSON, and of data that do not fit into memory."""

import json

import numpy as np
import pytest

from cnntrain.data.audit import audit, sample
from cnntrain.waiting import watched


def test_it_is_plain(dataset, photos):
    x, y = photos(30)
    x[7], x[8] = x[3], 9
    y[7] = 2
    report = audit(dataset(train=(x, y), test=photos(6, seed=1)))
    plain = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert plain["samples"] == {"train": 30, "test": 6}
    assert plain["input_shape"] == [16, 16, 1]
    assert plain["blank"] == [{"part": "train", "index": 8, "file": None, "label": "c"}]
    assert plain["copies"]["first"][0]["samples"][1]["index"] == 7
    assert plain["targets"] is None


def test_real_targets(dataset):
    random = np.random.default_rng(0)
    report = audit(dataset(train=(random.random((30, 5)), random.random((30, 2)))))
    json.dumps(report.as_dict(), allow_nan=False)
    assert (report.classes, report.imbalance, report.lookalikes) == (None, None, None)
    assert len(report.targets["train"]) == 2


@pytest.mark.parametrize("entries", [1, 1000])
def test_blocks_change_nothing(dataset, photos, monkeypatch, entries):
    parts = {"train": photos(50, channels=2), "test": photos(20, channels=2, seed=1)}
    parts["test"][0][3] = parts["train"][0][3] + 1
    whole = audit(dataset(**parts)).as_dict()
    monkeypatch.setattr(sample, "ENTRIES", entries)
    blocks = audit(dataset(**parts)).as_dict()
    assert whole.pop("inputs").keys() == blocks.pop("inputs").keys()
    assert whole == blocks


def test_inputs_are_never_in_memory_as_a_whole(dataset, tmp_path, memory, monkeypatch):
    monkeypatch.setattr(sample, "ENTRIES", 2**16)
    file = tmp_path / "x"
    x = np.memmap(file, dtype=np.uint8, mode="w+", shape=(4000, 64, 64, 1))
    random = np.random.default_rng(0)
    for start in range(0, 4000, 500):
        x[start : start + 500] = random.integers(0, 256, (500, 64, 64, 1), dtype=np.uint8)
    x.flush()
    x = np.memmap(file, dtype=np.uint8, mode="r", shape=(4000, 64, 64, 1))
    data = dataset(train=(x, np.arange(4000) % 3))
    assert (
        not isinstance(data.train.examples.x, np.ndarray) or not data.train.examples.x.flags.owndata
    )
    with memory() as used:
        audit(data)
    assert used() < x.nbytes / 2


def test_whoever_waits_is_told(dataset, photos):
    told = []
    with watched(lambda *state: told.append(state)):
        audit(dataset(train=photos(300), test=photos(30, seed=1)))
    for doing in ("looking at inputs", "sketching pictures", "comparing pictures"):
        states = [(done, total) for what, done, total in told if what == doing]
        assert (0, 300) in states
        assert states.count((300, 300)) == 1
        assert states[-1] == (30, 30)
