"""Files in the format of MNIST: what is read, and what is refused, each on one line."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnntrain.data.formats.idx_files import read_array
from cnntrain.errors import CnntrainError, DataError

ARRAY = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4)


def refusal(path):
    """The message with which `path` is refused."""
    with pytest.raises(DataError) as caught:
        read_array(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("kind", ["u1", "i1", "i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), (2, 3, 4, 2), (0, 3)])
def test_every_type_and_number_of_axes_comes_back(tmp_path, idx_bytes, kind, shape):
    array = np.arange(int(np.prod(shape)), dtype=kind).reshape(shape)
    for name, pack in (("plain", bytes), ("packed.gz", gzip.compress)):
        path = tmp_path / name
        path.write_bytes(pack(idx_bytes(array)))
        back = read_array(path)
        assert back.dtype == array.dtype and back.dtype.isnative
        np.testing.assert_array_equal(back, array)


def test_gzip_is_recognised_by_its_content_not_its_name(tmp_path, idx_bytes):
    (tmp_path / "packed").write_bytes(gzip.compress(idx_bytes(ARRAY)))
    (tmp_path / "plain.gz").write_bytes(idx_bytes(ARRAY))
    for name in ("packed", "plain.gz"):
        np.testing.assert_array_equal(read_array(tmp_path / name), ARRAY)


def test_gzip_may_come_in_several_members(tmp_path, idx_bytes):
    data = idx_bytes(ARRAY)
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(data[:9]) + gzip.compress(data[9:]))
    np.testing.assert_array_equal(read_array(path), ARRAY)


@pytest.mark.parametrize("start", [b"\x89PNG", b"\0\0\x0a\x03", b"\0\0\x08\x00", b"\0\0", b""])
def test_another_magic_number_is_refused(tmp_path, start):
    path = tmp_path / "x"
    path.write_bytes(start + b"\0" * 40 * (len(start) == 4))
    assert f"{path}: not an idx file: magic number {start.hex() or 'missing'}" in refusal(path)


def test_a_file_that_ends_within_its_header_is_refused(tmp_path, idx_bytes):
    path = tmp_path / "x"
    path.write_bytes(idx_bytes(ARRAY)[:10])
    assert refusal(path) == f"{path}: ends within its header"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(("change", "held"), [(-1, "23"), (1, "more")])
def test_too_few_or_too_many_values_are_refused(tmp_path, idx_bytes, pack, change, held):
    data = idx_bytes(ARRAY) + b"\0"
    path = tmp_path / "x"
    path.write_bytes(pack(data[: len(data) - 1 + change]))
    message = refusal(path)
    assert f"{path}: its header claims 2 x 3 x 4 = 24 bytes, it holds" in message
    assert message.endswith(held)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_absurd_sizes_are_refused_before_any_memory_is_taken(tmp_path, pack, memory):
    header = b"\0\0\x08\x03" + struct.pack(">3I", 2**31 - 1, 28, 28)
    path = tmp_path / "x"
    path.write_bytes(pack(header + b"\0" * 100))
    with memory() as used:
        message = refusal(path)
    assert "claims 2147483647 x 28 x 28 = 1,683,627,179,248 bytes, it holds at most" in message
    assert used() < 2**20


def test_sizes_whose_product_overflows_are_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\0\0\x0e\x08" + struct.pack(">8I", *[2**32 - 1] * 8) + b"\0" * 8)
    assert "it holds at most 8" in refusal(path)


def test_more_axes_than_an_array_can_have_are_refused(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"\0\0\x08\xff" + struct.pack(">255I", *[1] * 255) + b"\0")
    assert "maximum supported dimension" in refusal(path)


def test_unpacking_stops_just_after_the_claimed_size(tmp_path, idx_bytes, memory):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(idx_bytes(ARRAY) + bytes(50_000_000)))
    with memory() as used:
        assert refusal(path).endswith("it holds more")
    assert used() < 2**20


def test_a_truncated_gzip_file_is_refused(tmp_path, idx_bytes):
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(idx_bytes(ARRAY))[:-12])
    assert f"{path}: damaged gzip file (Compressed file ended" in refusal(path)


def test_a_wrong_checksum_is_refused(tmp_path, idx_bytes):
    data = bytearray(gzip.compress(idx_bytes(ARRAY)))
    data[-8] ^= 1
    path = tmp_path / "x.gz"
    path.write_bytes(data)
    assert f"{path}: damaged gzip file (CRC check failed" in refusal(path)


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert (
        refusal(tmp_path / "pipe")
        == f"cannot read {tmp_path}/pipe: it is a named pipe, expected a file"
    )
    assert refusal(tmp_path) == f"cannot read {tmp_path}: it is a directory, expected a file"
    assert refusal(tmp_path / "nothing") == f"no file {tmp_path}/nothing"
    assert refusal(Path("/dev/null")) == "cannot read /dev/null: it is a device, expected a file"
    assert "File name too long" in refusal(tmp_path / ("n" * 300))


def test_control_characters_of_a_name_are_escaped(tmp_path):
    path = tmp_path / "evil\x1b[31m\nname"
    path.write_bytes(b"nonsense")
    assert "\x1b" not in refusal(path)


@settings(max_examples=300, deadline=None)
@given(data=st.data(), packed=st.booleans())
def test_no_mutation_of_a_file_escapes_as_anything_but_a_data_error(
    tmp_path_factory, idx_bytes, data, packed
):
    content = bytearray(idx_bytes(ARRAY))
    if packed:
        content = bytearray(gzip.compress(content))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)) | st.just(len(content)))
    path = tmp_path_factory.getbasetemp() / "mutated"
    path.write_bytes(content[:cut] + data.draw(st.binary(max_size=4)))
    try:
        read_array(path)
    except CnntrainError as error:
        assert "\n" not in str(error)
