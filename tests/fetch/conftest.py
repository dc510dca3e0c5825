"""Archives of small data sets, and the server that has them."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile

import numpy as np
import pytest
from data_server import mnist, mnist_files, offer, server  # noqa: F401
from idx_format import idx_bytes

from cnntrain.data.sources.cifar import VERSIONS

CIFAR = {"cifar10": VERSIONS[0], "cifar100": VERSIONS[1]}


@pytest.fixture
def tar_of():
    """`tar_of({name: content})`: a .tar.gz file; the content may be a TarInfo."""

    def packed(members):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, content in members.items():
                if isinstance(content, tarfile.TarInfo):
                    content.name = name
                    archive.addfile(content)
                    continue
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return buffer.getvalue()

    return packed


@pytest.fixture
def cifar_members():
    """`cifar_members(name)`: the files in the archive of a small CIFAR, with their folder."""

    def made(name):
        version, random = CIFAR[name], np.random.default_rng(0)
        members = {}
        for file in (*version.train, version.test):
            records = random.integers(0, 10, (100, version.record), dtype=np.uint8)
            members[f"{version.folder}/{file}"] = records.tobytes()
        for classes, file in version.labels.values():
            text = "\n".join(f"class {i}" for i in range(classes))
            members[f"{version.folder}/{file}"] = text.encode()
        members[f"{version.folder}/readme.html"] = b"<html>"
        return members

    return made


@pytest.fixture
def letters_zip():
    """The archive of a small EMNIST, and its images and labels by part, as they are in it."""
    random, buffer, arrays = np.random.default_rng(0), io.BytesIO(), {}
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, count in (("train", 60), ("test", 30)):
            x = random.integers(0, 256, (count, 5, 5), dtype=np.uint8)
            y = (np.arange(count) % 26 + 1).astype(np.uint8)
            arrays[part] = x, y
            for kind, array in (("images-idx3", x), ("labels-idx1", y)):
                for split in ("letters", "digits"):
                    name = f"gzip/emnist-{split}-{part}-{kind}-ubyte.gz"
                    archive.writestr(name, gzip.compress(idx_bytes(array)))
    return buffer.getvalue(), arrays
