"""Checkpoints with a right digest from somebody who has written another thing into them."""

import hashlib
import os
import struct

import numpy as np
import pytest
from safetensors.numpy import save

from cnntrain import CheckpointError, load_checkpoint
from cnntrain.runs import checkpoint_file as checkpoint


@pytest.fixture
def forge(stopped):
    """`forge(arrays, metadata)`: the run with that as its only checkpoint; what a resume says."""

    def write(arrays, metadata):
        folder = stopped.folder / "run/checkpoints"
        for path in folder.iterdir():
            path.unlink()
        path = folder / "epoch-0004.safetensors"
        path.write_bytes(checkpoint.encode(arrays, metadata))
        return path, stopped.resume()

    return write


@pytest.fixture
def written(cut):
    """Arrays and metadata of the run's best checkpoint."""
    return checkpoint.read(cut / "checkpoints/best.safetensors")


def changed(metadata, key, value):
    """The metadata with another value at a dotted key; None: without it."""
    first, _, rest = key.partition(".")
    if rest:
        return {**metadata, first: changed(metadata[first], rest, value)}
    others = {name: held for name, held in metadata.items() if name != first}
    return others if value is None else {**others, first: value}


def deep(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("class_names", ["a", "b"]),
        ("class_names", list(range(10))),
        ("class_names", None),
        ("step", None),
        ("step", "84"),
        ("data_sha256", None),
        ("trainer.at.epoch", "x"),
        ("trainer.at.factor", "x"),
        ("trainer.running", []),
        ("best", {"epoch": 4}),
        ("row.train_loss", "x"),
        ("end", ["finished"]),
        ("metrics.bytes", -1),
        ("standardizer.mean", [1.0, 2.0]),
        ("standardizer.std", "x"),
        ("input_shape", [8, 8.5, 1]),
        ("rules", deep(500)),
        ("config", 3),
    ],
)
def test_metadata_that_are_none(forge, written, key, value):
    path, said = forge(written[0], changed(written[1], key, value))
    assert said.startswith("4: no checkpoint in ")
    with pytest.raises(CheckpointError):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("trainer.at.phase", 99),
        ("trainer.at.phase", -1),
        ("trainer.at.batch", 10**6),
        ("trainer.at.epoch", 10**6),
        ("trainer.at.factor", 0.0),
        ("rules", {}),
        ("trainer.plateau", {}),
    ],
)
def test_a_position_that_the_run_does_not_come_to(forge, written, key, value):
    assert forge(written[0], changed(written[1], key, value))[1].startswith("4: ")


def test_an_optimizer_state_that_does_not_fit(forge, written):
    arrays, metadata = written
    names = [name for name in arrays if name.startswith("optimizer/")]
    assert names
    without = {name: array for name, array in arrays.items() if name not in names}
    for other in (without, {**arrays, names[0]: arrays[names[0]][:1]}):
        assert "optimizer's state" in forge(other, metadata)[1]


@pytest.mark.parametrize("inside", ["[1]", "[" * 5000 + "]" * 5000, "{}"])
def test_metadata_that_are_no_mapping(tmp_path, inside):
    zeros = "0" * 64
    text = f'[{{"sha256":"{zeros}"}},{inside}]'
    data = save({"a": np.zeros(2)}, metadata={"cnntrain": text})
    digest = hashlib.sha256(data).hexdigest()
    path = tmp_path / "file.safetensors"
    path.write_bytes(data.replace(zeros.encode(), digest.encode()))
    with pytest.raises(CheckpointError, match="not a cnntrain checkpoint"):
        load_checkpoint(path)


@pytest.mark.parametrize("head", [b"", struct.pack("<Q", 2) + b"{}"])
def test_a_file_is_refused_by_its_header_before_it_is_read(tmp_path, head):
    """Sparse, and larger than memory."""
    path = tmp_path / "huge.safetensors"
    path.write_bytes(head)
    os.truncate(path, 2**40)
    with pytest.raises(CheckpointError, match="not a cnntrain checkpoint"):
        load_checkpoint(path)
