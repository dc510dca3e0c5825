"""One file from a server, of which size and digest are known before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from cnntrain.errors import CnntrainError, DataError, StorageError, UsageError
from cnntrain.fetch.catalogue import Download
from cnntrain.storage.disk import storage_errors
from cnntrain.text import argument, printable

Watch = Callable[[str, int, int], None]  # told a name, how many bytes are there, and of how many
PIECE = 2**16  # bytes at a time


def download(
    wanted: Download, addresses: Sequence[str], folder: Path, timeout: float, watch: Watch
) -> None:
    """Get `wanted` into `folder`, from the first of the addresses that has it; a file that is there
    and is the right one is left.

    timeout   seconds without an answer, or without another byte, after which an address is given up

    Raises UsageError without pooch, DataError where a server has another file, StorageError where
    none can be reached or the file cannot be written.
    """
    try:
        pooch = import_module("pooch")
    except ImportError:
        raise UsageError("fetching needs pooch (pip install 'cnntrain[fetch]')") from None
    problems: list[CnntrainError] = []
    for address in addresses:
        url = f"{address.rstrip('/')}/{wanted.name}"
        problem = _problem(pooch, wanted, url, folder, timeout, watch)
        if problem is None:
            return
        problems.append(problem)
    told = "; ".join(map(str, problems))
    raise type(problems[-1])(f"{told} ({argument('mirror')} names another server)")


def _problem(
    pooch: Any, wanted: Download, url: str, folder: Path, timeout: float, watch: Watch
) -> CnntrainError | None:
    """Why the file cannot be had from `url`; None: it is there."""
    from requests import ConnectionError, HTTPError, RequestException, Timeout
    from requests.exceptions import ChunkedEncodingError

    def get(url: str, output: str, _: Any) -> None:
        server = pooch.HTTPDownloader(
            timeout=timeout,
            chunk_size=PIECE,
            progressbar=_Watched(wanted, Path(output), watch),
            headers={"Accept-Encoding": "identity"},
        )
        server(url, output, None)

    pooch.get_logger().setLevel(logging.WARNING)
    shown = f"cannot fetch {printable(url, 200)}"
    try:
        pooch.retrieve(url, f"sha256:{wanted.sha256}", wanted.name, folder, downloader=get)
    except HTTPError as error:
        status = "" if error.response is None else error.response.status_code
        return StorageError(f"{shown}: the server answers with status {status}")
    except (ConnectionError, Timeout, ChunkedEncodingError) as error:
        late = isinstance(error, Timeout) or "timed out" in str(error)
        reason = f"nothing in {timeout:g} s" if late else "no connection, or it broke off"
        return StorageError(f"{shown}: {reason}")
    except RequestException as error:
        return StorageError(f"{shown}: {printable(error, 200)}")
    except _OtherSizeError as error:
        return DataError(f"{shown}: {error}")
    except ValueError:  # of pooch
        return DataError(f"{shown}: another file than expected, its SHA-256 differs")
    except OSError as error:
        with storage_errors(folder / wanted.name):
            raise error
    return None


class _OtherSizeError(Exception):
    """A server says, or shows, that it has a file of another size."""


class _Watched:
    """What pooch takes for a progress bar: it tells how far the file is, and ends what is too long.

    total   the size that the server says, 0 where it does not
    """

    def __init__(self, wanted: Download, path: Path, watch: Watch) -> None:
        self._wanted, self._path, self._watch = wanted, path, watch
        self._total = 0
        watch(wanted.name, 0, wanted.size)

    @property
    def total(self) -> int:
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        if size not in (0, self._wanted.size):
            raise _OtherSizeError(f"{size:,} bytes, expected {self._wanted.size:,}")
        self._total = size

    def update(self, _: int) -> None:
        """Another piece is on the disk, or will be in a moment."""
        size = self._path.stat().st_size
        if size > self._wanted.size:
            raise _OtherSizeError(f"more than the expected {self._wanted.size:,} bytes")
        self._watch(self._wanted.name, size, self._wanted.size)

    def reset(self) -> None:
        """Pooch calls this before the last update."""

    def close(self) -> None:
        """All is there."""
