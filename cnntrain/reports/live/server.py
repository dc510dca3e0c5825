"""The server of the live page: on loopback, for those alone who know its address.

Any page in a browser, and any program of this machine, can send requests here.  So the address
holds a random token, the host must be this one (a name that leads here will not do), and what
changes something must come from the page itself.  Anything else is refused, and told nothing.
"""

from __future__ import annotations

import json
import re
import secrets
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import ThreadingTCPServer
from typing import Any

from cnntrain.errors import CnntrainError, StorageError
from cnntrain.reports.live.page import page, script, style
from cnntrain.reports.live.view import View
from cnntrain.text import argument
from cnntrain.training.control.action import Action
from cnntrain.training.control.ask import ask

LOOPBACK = "127.0.0.1"
LONGEST = 1000  # bytes of the body of a request
MOST = 32  # connections at a time
PATIENCE = 10.0  # seconds for a slow client

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
Answer = tuple[int, str, str]  # status, type of the content, content


class LiveServer(ThreadingTCPServer):
    """Serves the live page of the run at `path`; `serve_forever` does it.

    port   0: a free one

    Raises StorageError where the port is not to be had.
    """

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path, port: int = 0) -> None:
        self.view = View(path)
        self.token = secrets.token_urlsafe(32)
        self._free = threading.BoundedSemaphore(MOST)
        try:
            super().__init__((LOOPBACK, port), _Handler)
        except OSError as error:
            free = f"{argument('port')} 0 takes a free one"
            raise StorageError(
                f"cannot listen on {LOOPBACK}:{port}: {error.strerror} ({free})"
            ) from None

    @property
    def hosts(self) -> dict[str, str]:
        """What the server may be called, with the origin of its page there."""
        port = self.server_address[1]
        return {f"{name}:{port}": f"http://{name}:{port}" for name in (LOOPBACK, "localhost")}

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.server_address[1]}/{self.token}/"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there are not too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            super().shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room for another connection."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone away is no error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    server: LiveServer
    timeout = PATIENCE

    def do_GET(self) -> None:
        """A part of the page, or what it shows."""
        answers: dict[str | None, Callable[[], Answer]] = {
            "": lambda: (200, "text/html", page(self.server.view.path)),
            "script.js": lambda: (200, "text/javascript", script()),
            "style.css": lambda: (200, "text/css", style()),
            "state": self._state,
            "content": self._content,
        }
        wanted = self._wanted()
        if wanted in answers:
            self._send(answers[wanted]())
        else:
            self._refuse()

    def do_HEAD(self) -> None:
        """The same without the content."""
        self.do_GET()

    def do_POST(self) -> None:
        """A request to the run."""
        length = self._only("Content-Length")
        if self._is_from_the_page() and re.fullmatch("[0-9]{1,6}", length):
            action = _action(self.rfile.read(min(int(length), LONGEST + 1)))
            if action is not None:
                self._send(self._ask(action))
                return
        self._refuse()

    def _is_from_the_page(self) -> bool:
        """Whether a request was made by a script of the page: a browser lets no other page send
        JSON, or name this origin."""
        return (
            self._wanted() == "control"
            and self._only("Origin") == self.server.hosts[self._only("Host")]
            and self._only("Content-Type") == "application/json"
            and "Transfer-Encoding" not in self.headers
        )

    def _ask(self, asked: str) -> Answer:
        try:
            return _json({"request": ask(self.server.view.path, Action(asked))})
        except CnntrainError as error:
            return _json({"problem": str(error)}, 409)

    def _state(self) -> Answer:
        return _json(asdict(self.server.view.state()))

    def _content(self) -> Answer:
        try:
            return 200, "text/html", self.server.view.snapshot().content
        except CnntrainError as error:
            return _json({"problem": str(error)}, 404)

    def _wanted(self) -> str | None:
        """What a request asks for, behind the token; None where it may ask for nothing."""
        start, _, rest = self.path.removeprefix("/").partition("/")
        known = secrets.compare_digest(start.encode(), self.server.token.encode())
        return rest if known and self._only("Host") in self.server.hosts else None

    def _only(self, header: str) -> str:
        """The value of a header that is there once, "" otherwise."""
        values = self.headers.get_all(header, [])
        return str(values[0]) if len(values) == 1 else ""

    def _send(self, answer: Answer) -> None:
        status, kind, text = answer
        content = text.encode()
        self.send_response_only(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _refuse(self) -> None:
        self._send((403, "text/plain", ""))

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no request that is known here."""
        self.close_connection = True
        self._refuse()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Tell nobody."""


def _json(value: dict[str, Any], status: int = 200) -> Answer:
    return status, "application/json", json.dumps(value)


def _action(body: bytes) -> str | None:
    """The action in the body of a request; None where it is too long, or no request."""
    try:
        action = json.loads(body)["action"] if len(body) <= LONGEST else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return action if isinstance(action, str) else None
