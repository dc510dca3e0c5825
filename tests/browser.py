"""A real browser for tests: Chromium without a window, steered through two pipes.

The messages are those of the Chrome DevTools Protocol, JSON objects that end with a zero byte.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import subprocess
import tempfile
from pathlib import Path

FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe")


def _pipe() -> list[int]:
    """A pipe whose ends are none of the numbers that Chromium takes."""
    ends = []
    for end in os.pipe():
        ends.append(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10))
        os.close(end)
    return ends


class Browser:
    """One Chromium, with one page; a context manager.

    requests   addresses that the page has asked for
    problems   errors in its console, and exceptions of its scripts
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.problems: list[str] = []
        self._number, self._unread = 0, b""
        self._profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs, self._commands = _pipe()
        self._answers, also_theirs = _pipe()
        flags = (*FLAGS, f"--user-data-dir={self._profile.name}", "about:blank")
        self._process = subprocess.Popen(
            ["bash", "-c", f'exec "$@" 3<&{theirs} 4>&{also_theirs}', "bash", "chromium", *flags],
            pass_fds=(theirs, also_theirs),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs)
        os.close(also_theirs)
        pages = self._call("Target.getTargets", None)["targetInfos"]
        target = next(page["targetId"] for page in pages if page["type"] == "page")
        attached = self._call("Target.attachToTarget", None, targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setFocusEmulationEnabled", enabled=True)

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._commands)
        os.close(self._answers)
        self._profile.cleanup()

    def open(self, address: str | Path, width: int = 1200, dark: bool = False) -> None:
        """Show a file, or an address, and wait until all of it is there."""
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.call("Emulation.setDeviceMetricsOverride", **size)
        self.requests.clear()
        self.problems.clear()
        url = address.resolve().as_uri() if isinstance(address, Path) else address
        self.call("Page.navigate", url=url)
        self.evaluate(
            "new Promise(done => document.readyState === 'complete' ? done() : "
            "addEventListener('load', done))"
        )

    def offline(self) -> None:
        """Cut the page off from every network."""
        shut = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        self.call("Network.emulateNetworkConditions", offline=True, **shut)

    def evaluate(self, script: str) -> object:
        """The value of an expression of JavaScript in the page; of a promise, what it comes to."""
        answer = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait(self, condition: str, seconds: int = 60) -> None:
        """Wait until an expression is true in the page; it fails when the time is over."""
        self.evaluate(
            f"""new Promise((done, fail) => {{
              const end = Date.now() + {1000 * seconds};
              const look = () => {{
                if ({condition}) done();
                else if (Date.now() > end) fail(new Error("waited in vain"));
                else setTimeout(look, 50);
              }};
              look();
            }})"""
        )

    def point(self, x: float, y: float) -> None:
        """Move the pointer to a place of the window."""
        self.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def press(self, key: str) -> None:
        """Press and release a key, such as Tab or ArrowLeft."""
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key)

    def screenshot(self, path: Path) -> None:
        """The whole page as a picture."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))

    def call(self, method: str, **parameters: object) -> dict:
        """The answer to a command for the page."""
        return self._call(method, self._session, **parameters)

    def _call(self, method: str, session: str | None, **parameters: object) -> dict:
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if session is not None:
            command["sessionId"] = session
        os.write(self._commands, json.dumps(command).encode() + b"\0")
        while True:
            message = self._receive()
            if message.get("id") == self._number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._note(message)

    def _note(self, event: dict) -> None:
        """What happens in the page meanwhile."""
        match event:
            case {"method": "Network.requestWillBeSent", "params": {"request": request}}:
                self.requests.append(request["url"])
            case {"method": "Log.entryAdded", "params": {"entry": entry}}:
                self.problems.append(entry["text"])
            case {"method": "Runtime.exceptionThrown", "params": {"exceptionDetails": thrown}}:
                self.problems.append(json.dumps(thrown))

    def _receive(self) -> dict:
        while b"\0" not in self._unread:
            piece = os.read(self._answers, 2**20)
            assert piece, "the browser is gone"
            self._unread += piece
        message, _, self._unread = self._unread.partition(b"\0")
        return json.loads(message)
