"""NumPy files: .npz with x_train, y_train, ... or x, y, and arrays to predict from."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from cnntrain.data.dataset import Pair, Source
from cnntrain.errors import DataError
from cnntrain.text import printable

Array = NDArray[Any]

KNOWN = ("x", "y", "x_train", "y_train", "x_validation", "y_validation", "x_test", "y_test")


def read(path: Path, axes: str) -> Source:
    """The pairs in an .npz file: x_train, y_train and, if there, x_validation ..., x_test ...;
    or x, y.  `class_names` may name the classes.

    axes   NHWC, or NCHW where channels come first
    """
    name = printable(path, 400)
    arrays = read_npz(path, (*KNOWN, "class_names"))
    first = "_train" if "x_train" in arrays else ""
    for key in (f"x{first}", f"y{first}"):
        if key not in arrays:
            raise DataError(f"{name}: no array {key} (expected x_train and y_train, or x and y)")
    warnings: list[str] = []
    pairs = {}
    for part, suffix in (("train", first), ("validation", "_validation"), ("test", "_test")):
        if f"x{suffix}" in arrays and f"y{suffix}" in arrays:
            x = _images(arrays[f"x{suffix}"], axes, f"{name}: x{suffix}", warnings)
            pairs[part] = Pair(x, _targets(arrays[f"y{suffix}"], f"{name}: y{suffix}"))
        elif f"x{suffix}" in arrays or f"y{suffix}" in arrays:
            raise DataError(f"{name}: of x{suffix} and y{suffix} there is only one")
    names = arrays.get("class_names")
    if names is not None and (names.ndim != 1 or names.dtype.kind != "U"):
        raise DataError(f"{name}: class_names is no list of texts")
    return Source(
        **pairs,
        class_names=None if names is None else tuple(str(n) for n in names),
        warnings=tuple(dict.fromkeys(warnings)),
    )


def read_inputs(path: Path) -> Array:
    """Raw inputs in an .npy file, or in an .npz: the array x, or the only one.  DataError."""
    name = printable(path, 400)
    if path.suffix == ".npz":
        arrays = read_npz(path)
        if "x" in arrays:
            return arrays["x"]
        if len(arrays) == 1:
            return next(iter(arrays.values()))
        raise DataError(f"{name}: no array x among {printable(', '.join(sorted(arrays)), 200)}")
    try:
        if not path.is_file():
            raise DataError(f"no file {name}")
        with path.open("rb") as file:
            return _read_member(file, path.stat().st_size, name)
    except OSError as error:
        raise DataError(f"cannot read {name}: {error.strerror or error}") from None


def read_npz(path: Path, wanted: tuple[str, ...] | None = None) -> dict[str, Array]:
    """The arrays of an .npz file by name (only those `wanted`, if given), in sorted order.

    Nothing is unpickled, and the size that an array claims is compared with the size of its
    member before it is allocated.  Raises DataError.
    """
    name = printable(path, 400)
    if not path.is_file():
        raise DataError(f"no file {name}")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len({member.filename for member in members}) < len(members):
                raise DataError(f"{name}: two arrays of the same name")
            arrays = {}
            for member in sorted(members, key=lambda member: member.filename):
                key = member.filename.removesuffix(".npy")
                if wanted is None or key in wanted:
                    with archive.open(member) as file:
                        arrays[key] = _read_member(
                            file, member.file_size, f"{name}: {printable(key)}"
                        )
            return arrays
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{name}: not a readable .npz file ({printable(error)})") from None
    except OSError as error:
        raise DataError(f"cannot read {name}: {error.strerror or error}") from None


def _read_member(file: IO[bytes], size: int, name: str) -> Array:
    """One array in NumPy's format, from a file of `size` bytes."""
    try:
        version = npy.read_magic(file)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, kind = header(file)
    except (ValueError, EOFError, SyntaxError, TypeError) as error:
        raise DataError(f"{name}: not an array in NumPy's format ({printable(error)})") from None
    if kind.hasobject or kind.kind not in "biufU":
        raise DataError(f"{name}: values of type {printable(kind)}, expected numbers")
    if any(n < 0 for n in shape):
        raise DataError(f"{name}: negative sizes {printable(shape)}")
    claimed = math.prod(shape) * kind.itemsize
    if claimed > size:
        raise DataError(f"{name}: claims {claimed:,} bytes, there are at most {size:,}")
    data = file.read(claimed)
    if len(data) < claimed:
        raise DataError(f"{name}: ends after {len(data):,} of {claimed:,} bytes")
    array = np.frombuffer(bytearray(data), dtype=kind)
    array = array.reshape(shape, order="F" if fortran else "C")
    return np.ascontiguousarray(array.astype(kind.newbyteorder("="), copy=False)).reshape(shape)


def _images(x: Array, axes: str, name: str, warnings: list[str]) -> Array:
    """x as (N, H, W, C) or (N, d); whole numbers other than uint8 as float32."""
    if x.ndim not in (2, 3, 4):
        raise DataError(f"{name} has shape {x.shape}, expected (N, H, W, C), (N, H, W) or (N, d)")
    if x.dtype.kind in "bi" or (x.dtype.kind == "u" and x.dtype != np.uint8) or x.itemsize == 2:
        x = x.astype(np.float32)
    if x.ndim == 3:
        return x[..., None]
    if x.ndim == 4 and axes == "NCHW":
        return np.moveaxis(x, 1, -1)
    if x.ndim == 4 and x.shape[1] in (1, 3) and x.shape[3] not in (1, 3):
        warnings.append(f"{name} has shape {x.shape}: if channels come first, set data.axes: NCHW")
    return x


def _targets(y: Array, name: str) -> Array:
    """Whole numbers (N,) as labels, real numbers (N,) or (N, d) as targets."""
    if y.dtype.kind in "iu" and y.ndim == 1:
        return y.astype(np.int64)
    if y.dtype.kind == "f" and y.ndim in (1, 2):
        return y.astype(np.float64).reshape(len(y), -1)
    raise DataError(
        f"{name} has type {y.dtype} and shape {y.shape}, expected whole numbers (N,) as labels, "
        "or real numbers (N,) or (N, d) as targets"
    )
