"""The server of the live page: whom it answers, and what it says."""

import http.client
import json
import shutil
import socket
import subprocess
import sys

import pytest

import cnntrain
from cnntrain.errors import StorageError
from cnntrain.reports.live.server import HEADERS, LONGEST, MOST, LiveServer, _Handler
from cnntrain.reports.live.view import View
from cnntrain.training.fit import fit
from cnntrain.training.progress import Progress

from ...conftest import DIGITS
from ...run_files import all_digests, events
from .conftest import serving


@pytest.mark.parametrize(
    ("name", "kind"),
    {"": "html", "script.js": "javascript", "style.css": "css", "content": "html"}.items(),
)
def test_the_parts_of_the_page(client, name, kind):
    status, headers, content = client.ask(name)
    assert (status, headers["Content-Type"]) == (200, f"text/{kind}; charset=utf-8")
    assert content
    assert HEADERS.items() <= dict(headers).items()
    assert "Server" not in headers
    status, headers, nothing = client.ask(name, "HEAD")
    assert (status, headers["Content-Length"]) == (200, str(len(content.encode())))
    assert nothing == ""


def test_the_state_is_that_of_the_run(client, trained_once):
    run, state = cnntrain.Run(trained_once), client.state()
    assert state["status"] == f"finished: {run.summary.stop_reason}"
    assert (state["live"], state["now"], state["done"]) == (False, "", None)
    assert state["rate"] == run.rows[-1].learning_rate
    content = client.ask("content")[2]
    for column in ("train_loss", "validation_error", "learning_rate"):
        values = " ".join(map(repr, run.metrics[column].tolist()))
        assert f'data-y="{values}"' in content


def test_looking_leaves_the_run_alone(client, trained_once):
    before = all_digests(trained_once)
    client.ask("content")
    client.state()
    assert client.post("stop")[0] == 409
    assert all_digests(trained_once) == before


REFUSED = {
    "no token": {"path": "/"},
    "nothing but the name": {"path": "/state"},
    "another token": {"path": f"/{'x' * 43}/state"},
    "a name that is not there": {"name": "metrics.csv"},
    "a path": {"name": "../run.json"},
    "a path in other letters": {"name": "%2e%2e/run.json"},
    "a query": {"name": "state?a=b"},
    "a folder": {"name": "/"},
    "a page by POST": {"method": "POST", "Content_Length": "0"},
    "a request by GET": {"name": "control"},
    "PUT": {"method": "PUT"},
    "DELETE": {"method": "DELETE"},
    "OPTIONS": {"method": "OPTIONS"},
    "TRACE": {"method": "TRACE"},
    "nonsense": {"method": "GO"},
    "another host": {"Host": "evil.example"},
    "another port": {"Host": "127.0.0.1:1"},
    "a host without a port": {"Host": "127.0.0.1"},
    "no host": {"Host": None},
    "a long header": {"X_Long": "x" * 100_000},
    "a long name": {"name": "x" * 100_000},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_told_nothing(client, wrong):
    status, headers, content = client.ask(**wrong)
    assert (status, content) == (403, "")
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize(
    "sent", [b"GET /\xe9/state HTTP/1.0\r\n\r\n", b"\xff\xff\r\n\r\n", b"\r\n"]
)
def test_what_is_no_request_is_told_nothing(client, sent):
    with socket.create_connection(("127.0.0.1", client.port)) as raw:
        raw.sendall(sent)
        answer = raw.makefile("rb").read()
    assert answer == b"" or answer.startswith(b"HTTP/1.0 403 Forbidden\r\n")
    assert answer.partition(b"\r\n\r\n")[2] == b""


def test_localhost_is_a_name_of_this_machine(client):
    assert client.ask(Host=f"localhost:{client.port}")[0] == 200


FORGED = {
    "no origin": {"Origin": None},
    "no origin that is known": {"Origin": "null"},
    "another origin": {"Origin": "https://evil.example"},
    "another name of this machine": {"Origin": "http://localhost:{port}"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "another host": {"Host": "evil.example"},
    "a form": {"Content_Type": "application/x-www-form-urlencoded"},
    "text": {"Content_Type": "text/plain"},
    "no type": {"Content_Type": None},
    "no length": {"Content_Length": None},
    "a negative length": {"Content_Length": "-1"},
    "a length that is no number": {"Content_Length": "x"},
    "a body that is too long": {"body": b'{"action": "stop"}' + b" " * LONGEST},
    "pieces": {"Transfer_Encoding": "chunked"},
    "no JSON": {"body": b"{"},
    "no action": {"body": b"{}"},
    "a list": {"body": b'["stop"]'},
    "an action that is no text": {"body": b'{"action": 1}'},
    "no UTF-8": {"body": b"\xff"},
    "deep": {"body": b"[" * LONGEST},
}


@pytest.mark.parametrize("wrong", FORGED.values(), ids=FORGED)
def test_what_the_page_would_not_send_changes_nothing(client, trained_once, wrong):
    wrong = {
        key: text.replace("{port}", str(client.port)) if isinstance(text, str) else text
        for key, text in wrong.items()
    }
    status, _, content = client.post("stop", **wrong)
    assert (status, content) == (403, "")
    assert list((trained_once / "control").iterdir()) == []


def test_a_request_to_a_run_that_nobody_trains_is_told_so(client):
    status, _, content = client.post("stop")
    assert status == 409
    assert "no process is training in" in json.loads(content)["problem"]


def test_an_action_that_there_is_not_is_told_so(client):
    status, _, content = client.post("lr=0")
    assert status == 409
    assert json.loads(content)["problem"].startswith("cannot 'lr=0', expected lr=VALUE")


def test_a_client_that_says_nothing_is_left(client, monkeypatch):
    assert 0 < _Handler.timeout <= 10
    monkeypatch.setattr(_Handler, "timeout", 0.05)
    with socket.create_connection(("127.0.0.1", client.port)) as silent:
        assert silent.recv(1) == b""
    assert client.ask()[0] == 200


def test_many_silent_clients_are_too_many(client):
    silent = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(MOST)]
    with socket.create_connection(("127.0.0.1", client.port)) as late:
        assert late.recv(1) == b""
    for one in silent:
        one.close()


def test_the_server_is_on_loopback_alone(trained_once):
    with LiveServer(trained_once) as server:
        assert server.socket.getsockname()[0] == "127.0.0.1"
        assert server.address.startswith(f"http://127.0.0.1:{server.server_address[1]}/")
        with LiveServer(trained_once) as other:
            assert other.token != server.token


def test_a_port_that_is_taken_is_an_error(trained_once):
    with LiveServer(trained_once) as server:
        port = server.server_address[1]
        with pytest.raises(StorageError, match=f"cannot listen on 127.0.0.1:{port}: .* in use"):
            LiveServer(trained_once, port)


class Steerer(Progress):
    """Posts to the page of its own run, before step 5."""

    def __init__(self, run):
        self.run = run

    def step(self, step):
        if step.step == 5:
            with serving(self.run) as client:
                self.asked = client.post("lr=0.01")
                self.waiting = client.state()
        if step.step == 6:
            with serving(self.run) as client:
                self.taken = client.state()


def test_a_request_is_taken_over_recorded_and_can_be_replayed(tmp_path):
    (tmp_path / "small.yaml").write_text(DIGITS)
    steerer = Steerer(tmp_path / "run")
    fit(tmp_path / "small.yaml", run=tmp_path / "run", progress=steerer)
    request = json.loads(steerer.asked[2])["request"]
    assert steerer.waiting["waiting"] == [request]
    assert steerer.waiting["live"]
    assert (steerer.taken["waiting"], steerer.taken["taken"]) == ([], {request: 5})
    event = events(tmp_path / "run", "control")[0]
    assert (event["action"], event["step"], event["request"]) == ("lr=0.01", 5, request)
    fit(tmp_path / "small.yaml", run=tmp_path / "again", replay=tmp_path / "run/events.jsonl")
    for name in ("metrics.csv", "checkpoints/last.safetensors"):
        assert (tmp_path / "run" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_run_that_vanishes_and_comes_back(trained_once, tmp_path):
    shutil.copytree(trained_once, tmp_path / "run")
    with serving(tmp_path / "run") as client:
        first = client.state()
        (tmp_path / "run").rename(tmp_path / "elsewhere")
        gone = client.state()
        assert (gone["status"], gone["version"]) == (f"no run in {tmp_path / 'run'}", "")
        assert client.ask("content")[0] == 404
        (tmp_path / "run").mkdir()
        assert client.state()["status"] == f"no run in {tmp_path / 'run'}"
        (tmp_path / "run").rmdir()
        shutil.copytree(trained_once, tmp_path / "run")
        assert client.state()["version"] not in {"", first["version"]}
        (tmp_path / "run/metrics.csv").write_text("a,b\n1,2\n")
        assert "metrics.csv is not what a run writes" in client.state()["status"]


def test_names_are_text(tmp_path, trained_once):
    run = tmp_path / "<script>alert(1)<!--\x1b"
    shutil.copytree(trained_once, run)
    with serving(run) as client:
        html = client.ask("")[2]
    assert "<script>alert" not in html
    assert "\x1b" not in html
    assert html.count("<script") == 1


def test_from_the_shell(trained_once, wait_for):
    """The address on standard output, until a signal ends it; two at once."""
    command = [sys.executable, "-m", "cnntrain", "watch", str(trained_once), "--web"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        address = process.stdout.readline().strip()
        host, token = address.removeprefix("http://").split("/")[:2]
        connection = http.client.HTTPConnection(host, timeout=20)
        connection.request("GET", f"/{token}/state")
        assert json.loads(connection.getresponse().read())["status"].startswith("finished")
        taken = subprocess.run(
            [*command, "--port", host.split(":")[1]], capture_output=True, text=True, check=False
        )
        assert taken.returncode == 5
        assert taken.stderr.startswith(f"cnntrain: error: cannot listen on {host}: ")
        assert taken.stderr.count("\n") == 1
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout.readline() != address
            second.terminate()
            assert second.wait(20) == -15
        process.send_signal(2)
        assert process.wait(20) == -2


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--port", "80"), "--port needs --web"),
        (("--web", "--once"), "--web cannot be combined with --once"),
        (("--web", "--json"), "--web cannot be combined with --json"),
    ],
)
def test_options_that_do_not_go_together(cnntrain, trained_once, options, problem):
    done = cnntrain("watch", trained_once, *options)
    assert (done.code, done.err) == (2, f"cnntrain: error: {problem}\n")


def test_no_run_is_exit_10(cnntrain, tmp_path):
    assert cnntrain("watch", tmp_path, "--web").code == 10


def test_a_run_without_validation_has_no_best_epoch(tmp_path):
    (tmp_path / "small.yaml").write_text(DIGITS.replace(", validation: 0.1", ""))
    fit(tmp_path / "small.yaml", run=tmp_path / "run")
    content = View(tmp_path / "run").snapshot().content
    assert "(best)" not in content
    assert "2 of 2" in content


def test_a_run_before_its_first_epoch_can_be_looked_at(trained_once, tmp_path):
    shutil.copytree(trained_once, tmp_path / "run")
    metrics = tmp_path / "run/metrics.csv"
    metrics.write_text(metrics.read_text().splitlines()[0] + "\n")
    (tmp_path / "run/summary.json").unlink()
    view = View(tmp_path / "run")
    assert (view.state().status[:5], view.state().rate) == ("dead:", None)
    assert "0 of 2" in view.snapshot().content
