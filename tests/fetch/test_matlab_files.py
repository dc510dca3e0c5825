"""MATLAB's files: written here as the format's description says, and read back; and damaged ones.

That files which SciPy writes are read the same was tried by hand: it is no dependency.
"""

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from matlab_format import mat_bytes

from cnntrain.errors import DataError
from cnntrain.fetch import matlab_files
from cnntrain.fetch.matlab_files import read_matrices

ARRAYS = {
    "X": np.random.default_rng(0).integers(0, 256, (3, 2, 3, 5), dtype=np.uint8),
    "y": np.arange(1, 6, dtype=np.uint8)[:, None],
    "z": np.arange(3, dtype=np.uint8)[:, None],  # four bytes or less stand in their tag
    "a_longer_name": np.linspace(0, 1, 7)[None],
    "w": -np.arange(6, dtype=np.int32).reshape(2, 3),
}


def test_arrays_come_back(tmp_path):
    path = tmp_path / "x.mat"
    path.write_bytes(mat_bytes(ARRAYS))
    read = read_matrices(path)
    assert list(read) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert read[name].dtype == array.dtype
        np.testing.assert_array_equal(read[name], array)


def refusal(path):
    with pytest.raises(DataError) as caught:
        read_matrices(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_cut_or_changed_is_refused_or_read_without_a_crash(tmp_path):
    path, content = tmp_path / "x.mat", mat_bytes({"y": ARRAYS["y"]})
    whole = len(content)
    for cut in range(129, whole):
        path.write_bytes(content[:cut])
        assert refusal(path) == f"{path}: not a readable MATLAB file of version 5"
    inner = bytearray(zlib.decompress(content[136:]))
    for place in range(len(inner)):
        changed = inner.copy()
        changed[place] ^= 0x41
        packed = zlib.compress(changed)
        path.write_bytes(content[:128] + struct.pack("<II", 15, len(packed)) + packed)
        try:
            read_matrices(path)
        except DataError as error:
            assert "\n" not in str(error)


@pytest.mark.parametrize("content", [b"", b"MATLAB", bytes(128), b"\x89HDF\r\n" * 100])
def test_other_files_are_refused(tmp_path, content):
    path = tmp_path / "x.mat"
    path.write_bytes(content)
    assert "not a readable MATLAB file" in refusal(path)
    assert "no file" in refusal(tmp_path / "missing.mat")


def test_a_bomb_is_refused_while_it_is_small(tmp_path, monkeypatch):
    monkeypatch.setattr(matlab_files, "LARGEST", 2**20)
    path, packed = tmp_path / "x.mat", zlib.compress(bytes(2**28), 9)
    path.write_bytes(mat_bytes({}) + struct.pack("<II", 15, len(packed)) + packed)
    tracemalloc.start()
    try:
        assert "not a readable MATLAB file" in refusal(path)
        assert tracemalloc.get_traced_memory()[1] < 2**28
    finally:
        tracemalloc.stop()
