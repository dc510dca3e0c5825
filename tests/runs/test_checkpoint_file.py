"""Checkpoints: the same contents give the same bytes, and no damage goes unseen."""

import json
import struct

import numpy as np
import pytest
from safetensors.numpy import load

from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.runs.checkpoint_file import decode, encode, read

ARRAYS = {
    "conv1/weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2),
    "conv1/bias": np.array([0.5, -0.5], dtype=np.float32),
}
METADATA = {"epoch": 3, "names": ['"sha256":"' + "0" * 64 + '"', "ü"], "rate": 0.1}


def test_what_goes_in_comes_out():
    arrays, metadata = decode(encode(ARRAYS, METADATA), "x")
    assert sorted(arrays) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array)
        assert arrays[name].dtype == array.dtype
    assert {key: metadata[key] for key in METADATA} == METADATA


def test_the_same_contents_give_the_same_bytes():
    shuffled = dict(reversed(METADATA.items()))
    assert encode(ARRAYS, METADATA) == encode(dict(reversed(ARRAYS.items())), shuffled)


def test_the_metadata_is_one_key_of_sorted_json():
    data = encode(ARRAYS, METADATA)
    header = json.loads(data[8 : 8 + struct.unpack("<Q", data[:8])[0]])
    assert list(header["__metadata__"]) == ["cnntrain"]
    keys = list(json.loads(header["__metadata__"]["cnntrain"]))
    assert keys == sorted(keys)


def test_the_safetensors_library_reads_it():
    np.testing.assert_array_equal(
        load(encode(ARRAYS, METADATA))["conv1/weight"], ARRAYS["conv1/weight"]
    )


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::-1],
        np.arange(24.0).reshape(4, 6)[:, ::2],
        np.broadcast_to(np.arange(3.0), (4, 3)),
        np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    ],
)
def test_arrays_that_are_not_contiguous_are_stored_rightly(array):
    np.testing.assert_array_equal(decode(encode({"a": array}, {}), "x")[0]["a"], array)


def test_every_flipped_bit_is_found():
    data = encode({"a": np.arange(3.0)}, {"epoch": 1})
    for i in range(len(data)):
        for bit in range(8):
            damaged = bytearray(data)
            damaged[i] ^= 1 << bit
            with pytest.raises(CheckpointError):
                decode(bytes(damaged), "x")


def test_every_truncation_and_any_tail_is_found():
    data = encode({"a": np.arange(3.0)}, {"epoch": 1})
    for length in range(len(data)):
        with pytest.raises(CheckpointError):
            decode(data[:length], "x")
    with pytest.raises(CheckpointError):
        decode(data + b"\0", "x")


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "best.safetensors"
    data = encode(ARRAYS, METADATA)
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(CheckpointError, match=r"best.safetensors: damaged: its SHA-256"):
        read(path)
    path.write_bytes(b"PK\x03\x04 not a checkpoint at all")
    with pytest.raises(CheckpointError, match=r"best.safetensors: not a cnntrain checkpoint"):
        read(path)


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(NotFoundError, match="no run or checkpoint at"):
        read(tmp_path / "best.safetensors")
