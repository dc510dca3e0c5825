"""A server of the live page, and who asks it."""

import http.client
import json
import threading
from contextlib import contextmanager

import pytest

from cnntrain.reports.live.server import LiveServer


class Client:
    """Sends requests as the page does, but for what is said otherwise."""

    def __init__(self, server):
        self.port, self.token = server.server_address[1], server.token
        self.host = f"127.0.0.1:{self.port}"

    def ask(self, name="state", method="GET", path=None, body=None, **headers):
        """Status, headers and content of the answer; None leaves a header out."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Host": self.host, **{key.replace("_", "-"): text for key, text in headers.items()}}
        path = f"/{self.token}/{name}" if path is None else path
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for key, text in sent.items():
            if text is not None:
                connection.putheader(key, text)
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, content

    def state(self):
        return json.loads(self.ask()[2])

    def post(self, action="lr=x0.5", body=None, **headers):
        """A request to the run."""
        body = json.dumps({"action": action}).encode() if body is None else body
        sent = {
            "Origin": f"http://{self.host}",
            "Content_Type": "application/json",
            "Content_Length": str(len(body)),
            **headers,
        }
        return self.ask("control", "POST", body=body, **sent)


@contextmanager
def serving(run):
    with LiveServer(run) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Client(server)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def client(trained_once):
    with serving(trained_once) as client:
        yield client
