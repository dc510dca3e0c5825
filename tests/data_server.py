"""A server on loopback, and small data sets for it."""

from __future__ import annotations

import gzip
import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from idx_format import idx_bytes

from cnntrain.fetch import CATALOGUE, Download


class Server(ThreadingHTTPServer):
    """Serves bytes by path, and what goes wrong where a path is named in `faults`.

    asked   the paths that were asked for
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, str] = {}
        self.asked: list[str] = []
        self.half = threading.Event()  # half of a file that hangs is sent
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:  # noqa: N802
        path = self.path.lstrip("/")
        fault, content = self.server.faults.get(path, ""), self.server.files.get(path)
        self.server.asked.append(path)
        if content is None or fault == "missing":
            self.send_error(404)
            return
        if fault == "mute":
            self.server.over.wait(60)
            return
        if fault == "changed":
            content = content[:-1] + bytes([content[-1] ^ 1])
        self.send_response(200)
        if fault != "endless":
            size = len(content) + 1 if fault == "longer" else len(content)
            self.send_header("Content-Length", str(size))
        self.end_headers()
        if fault == "endless":
            while not self.server.over.is_set():
                self.wfile.write(bytes(2**16))
        half = len(content) // 2 if fault in ("cut", "hangs") else len(content)
        self.wfile.write(content[:half])
        self.wfile.flush()
        if fault == "hangs":
            self.server.half.set()
            self.server.over.wait(60)

    def handle_one_request(self) -> None:
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server():
    """A server without files."""
    made = Server()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.over.set()
    made.shutdown()
    made.server_close()
    thread.join()


@pytest.fixture
def offer(server, monkeypatch):
    """`offer(name, files)`: puts files on the server, and their sizes and digests into the entry
    of the catalogue."""

    def offered(name, files):
        server.files |= files
        downloads = tuple(
            Download(file, len(content), hashlib.sha256(content).hexdigest())
            for file, content in files.items()
        )
        monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], downloads=downloads))

    return offered


@pytest.fixture
def mnist_files():
    """Files like those of MNIST: 60 and 20 images of 5 x 4, 3 classes."""
    random, files = np.random.default_rng(0), {}
    for stem, count in (("train", 60), ("t10k", 20)):
        x = random.integers(0, 256, (count, 5, 4), dtype=np.uint8)
        y = (np.arange(count) % 3).astype(np.uint8)
        files[f"{stem}-images-idx3-ubyte.gz"] = gzip.compress(idx_bytes(x), mtime=0)
        files[f"{stem}-labels-idx1-ubyte.gz"] = gzip.compress(idx_bytes(y), mtime=0)
    return files


@pytest.fixture
def mnist(offer, mnist_files):
    """A small MNIST on the server."""
    offer("mnist", mnist_files)
    return mnist_files
