"""Files of NumPy: what is read, and what is refused, each on one line."""

import io
import os
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib import format as npy

from cnntrain.data.formats.numpy_files import LABELS, NUMBERS, TEXT, open_npz, read_inputs, read_npy
from cnntrain.errors import CnntrainError, DataError


def header(shape, descr="|u1", order=False, version=(1, 0)):
    """The start of an .npy file that claims this."""
    text = f"{{'descr': {descr!r}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    return npy.magic(*version) + size + text


def read_npz(path):
    """All arrays of an .npz file by name."""
    with open_npz(path) as archive:
        return {name: archive.read(name) for name in archive.names}


def refusal(path, read=read_npz):
    """The message with which `read` refuses `path`."""
    with pytest.raises(DataError) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def archive(tmp_path):
    """`archive(name=bytes, ...)`: a zip file of these members."""

    def written(compression=zipfile.ZIP_DEFLATED, **members):
        path = tmp_path / "data.npz"
        with zipfile.ZipFile(path, "w", compression) as file:
            for name, content in members.items():
                file.writestr(f"{name}.npy", content)
        return path

    return written


KINDS = ["u1", "i1", "<u2", ">i2", "<i8", ">i8", "<f2", ">f4", "<f8", "?", "<U3", ">U3", "S3"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(), (4,), (2, 3), (2, 3, 4), (0, 3)])
@pytest.mark.parametrize("order", ["C", "F"])
def test_every_type_and_order_comes_back(tmp_path, kind, shape, order):
    array = np.array(np.arange(np.prod(shape)).reshape(shape).astype(kind), order=order)
    np.save(tmp_path / "x.npy", array)
    np.savez(tmp_path / "plain.npz", x=array)
    np.savez_compressed(tmp_path / "packed.npz", x=array)
    for name in ("x.npy", "plain.npz", "packed.npz"):
        back = read_inputs(tmp_path / name)
        assert back.shape == shape and back.flags.c_contiguous and back.flags.writeable
        assert back.dtype.isnative and back.dtype == array.dtype.newbyteorder("=")
        np.testing.assert_array_equal(back, array)


def test_the_arrays_of_an_archive_are_sorted(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, b=np.ones(2), a=np.ones(1), z=np.ones(3))
    assert list(read_npz(path)) == ["a", "b", "z"]


def test_inputs_are_the_array_x_or_the_only_one(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, images=np.ones(2))
    np.testing.assert_array_equal(read_inputs(path), [1, 1])
    np.savez(path, x=np.zeros(2), y=np.ones(2), class_names=np.array(["a", "b"]))
    np.testing.assert_array_equal(read_inputs(path), [0, 0])
    np.savez(path, a=np.zeros(2), b=np.ones(2))
    assert refusal(path, read_inputs) == f"{path}: no array x (found a, b)"


@pytest.mark.parametrize("other", ["x_test", "mask", "X"])
def test_nothing_beside_the_inputs_is_left_out_in_silence(tmp_path, other):
    path = tmp_path / "data.npz"
    np.savez(path, x=np.zeros(2), y=np.zeros(2), **{other: np.ones(2)})
    message = refusal(path, read_inputs)
    assert message == f"{path}: {other} beside x, expected the inputs alone"


@pytest.mark.parametrize(
    ("expected", "values", "advice"),
    [
        (NUMBERS, [1.5, 2], "array.astype(float)"),
        (NUMBERS, [[1, 2], [3, 4]], "numpy.stack(list)"),
        (LABELS, ["a", "b"], "y.astype(str)"),
        (LABELS, [1, 2], "y.astype(int)"),
        (LABELS, [1.5, 2], "y.astype(float)"),
        (TEXT, ["a", "b"], "array.astype(str)"),
    ],
)
def test_the_advice_on_python_objects_leads_to_an_array_that_is_read(
    tmp_path, expected, values, advice
):
    array = np.empty(len(values), dtype=object)
    array[:] = [np.array(v) if isinstance(v, list) else v for v in values]
    path = tmp_path / "data.npz"
    np.savez(path, a=array)
    with open_npz(path) as archive, pytest.raises(DataError) as caught:
        archive.read("a", expected)
    assert f"holds Python objects, which are never loaded; expected {expected}" in str(caught.value)
    assert advice in str(caught.value)
    names = {"array": array, "y": array, "list": list(array), "numpy": np}
    np.savez(path, a=eval(advice, names))
    with open_npz(path) as archive:
        assert archive.read("a", expected).tolist() == values


def test_objects_are_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "sprung"),))

    array = np.array([Trap()], dtype=object)
    np.save(tmp_path / "x.npy", array)
    np.savez(tmp_path / "x.npz", x=array)
    for name in ("x.npy", "x.npz"):
        assert "holds Python objects, which are never loaded" in refusal(
            tmp_path / name, read_inputs
        )
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("kind", ["c8", "M8[s]", "V4", "u1,u2"])
def test_other_types_than_real_numbers_and_text_are_refused(tmp_path, kind):
    np.savez(tmp_path / "x.npz", x=np.zeros(2, dtype=kind))
    assert "expected real numbers" in refusal(tmp_path / "x.npz")


def test_a_claim_of_64_gib_is_refused_before_any_memory_is_taken(archive, tmp_path, memory):
    claim = header((2**36,)) + bytes(100)
    (tmp_path / "x.npy").write_bytes(claim)
    with memory() as used:
        for message in (refusal(archive(x=claim)), refusal(tmp_path / "x.npy", read_npy)):
            assert "claims 68719476736 = 68,719,476,736 bytes, it holds at most" in message
    assert used() < 2**20


def test_a_lying_directory_of_the_archive_takes_no_memory_either(archive, memory):
    claim = header((2**31,)) + bytes(100)
    path = archive(zipfile.ZIP_STORED, x=claim)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 20 : entry + 28] = struct.pack("<II", 2**32 - 2, 2**32 - 2)
    path.write_bytes(data)
    with memory() as used:
        refusal(path)
    assert used() < 4 * 2**20


@pytest.mark.parametrize(
    "shape", ["(2**70, 0)", "(1180591620717411303424, 0)", "(True, 2)", str((1,) * 99)]
)
def test_impossible_shapes_are_refused(archive, shape):
    assert "data.npz: x: " in refusal(archive(x=header(shape) + b"\0"))


@pytest.mark.parametrize("shape", [(-1,), (-1, -2), (-3, 0)])
def test_negative_sizes_are_refused(archive, shape):
    assert refusal(archive(x=header(shape) + b"ab")).endswith(f"x: negative sizes {shape}")


@pytest.mark.parametrize("change", [-1, 1])
def test_too_few_or_too_many_values_are_refused(archive, change):
    message = refusal(archive(x=header((8,)) + bytes(8 + change)))
    assert "its header claims 8 = 8 bytes, it holds" in message


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY", b"nonsense" * 9, header((2,), version=(1, 0))[:20], header("(2,"),
     header((2,), "<q9"), header((2,), [("a", "u1", -3)]), header("()" * 9000),
     npy.magic(9, 9) + header((2,), version=(2, 0))[8:] + b"\0\0"],
)  # fmt: skip
def test_a_damaged_header_is_refused(archive, content):
    assert "data.npz: x: not an array in NumPy's format" in refusal(archive(x=content))


def test_a_wrong_checksum_is_refused(archive):
    path = archive(zipfile.ZIP_STORED, x=header((8,)) + b"abcdefgh")
    path.write_bytes(path.read_bytes().replace(b"abcdefgh", b"abcdefgX"))
    assert "not a readable .npz file (Bad CRC-32" in refusal(path)


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_damage_within_packed_values_is_refused(archive, method):
    path = archive(method, x=header((100_000,), "<u4") + np.arange(100_000, dtype="<u4").tobytes())
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 1000] = b"\xff" * 1000
    path.write_bytes(data)
    assert str(path) in refusal(path)


def test_a_truncated_archive_is_refused(archive):
    path = archive(x=header((8,)) + bytes(8))
    path.write_bytes(path.read_bytes()[:-30])
    assert "not a readable .npz file" in refusal(path)


def test_two_arrays_of_one_name_are_refused(tmp_path):
    path = tmp_path / "data.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", header((1,)) + b"a")
        file.writestr("x", header((1,)) + b"b")
    assert refusal(path) == f"{path}: two arrays called x"


def test_an_encrypted_member_is_refused(archive):
    path = archive(x=header((8,)) + bytes(8))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    assert "not a readable .npz file" in refusal(path)


def test_only_regular_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "folder.npz").mkdir()
    for read in (read_npz, read_npy, read_inputs):
        assert refusal(tmp_path / "pipe.npz", read).endswith("it is a named pipe, expected a file")
        assert refusal(tmp_path / "folder.npz", read).endswith("it is a directory, expected a file")
        assert refusal(tmp_path / "none.npz", read) == f"no file {tmp_path}/none.npz"


def test_names_of_arrays_are_escaped(tmp_path):
    path = tmp_path / "data.npz"
    np.savez(path, **{"evil\x1b[31m": np.ones(1), "b": np.ones(1)})
    assert "\x1b" not in refusal(path, read_inputs)


CONTENT = io.BytesIO()
np.savez(CONTENT, x=np.arange(12).reshape(2, 2, 3), y=np.array([0, 1]), names=np.array(["a"]))


@settings(max_examples=300, deadline=None)
@given(
    data=st.data(),
    method=st.sampled_from(
        [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
    ),
)
def test_no_mutation_of_a_file_escapes_as_anything_but_a_data_error(tmp_path_factory, data, method):
    packed = io.BytesIO()
    with zipfile.ZipFile(CONTENT) as source, zipfile.ZipFile(packed, "w", method) as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    content = bytearray(packed.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.just(len(content)) | st.integers(0, len(content)))
    path = tmp_path_factory.getbasetemp() / "mutated.npz"
    path.write_bytes(content[:cut])
    try:
        read_npz(path)
    except CnntrainError as error:
        assert "\n" not in str(error)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_mutation_of_an_array_escapes_as_anything_but_a_data_error(tmp_path_factory, data):
    buffer = io.BytesIO()
    np.save(buffer, np.arange(6, dtype=np.int16).reshape(2, 3))
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, 80) | st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255) | st.sampled_from(b"0123456789()[]{},'Lue"))
    path = tmp_path_factory.getbasetemp() / "mutated.npy"
    path.write_bytes(content)
    try:
        read_npy(path)
    except CnntrainError as error:
        assert "\n" not in str(error)
