"""The prediction service in configs/service, with a real server and several clients at once."""

import io
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest
from PIL import Image

import cnntrain as package
from cnntrain.resources import bundled


@contextmanager
def serving(run):
    """The server's process and address."""
    command = [sys.executable, bundled("configs") / "service" / "serve.py", run, "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process, process.stdout.readline().decode().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def address(trained_once):
    with serving(trained_once) as (_, address):
        yield address


def npy(array):
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def post(address, body):
    """Status and content of the answer."""
    try:
        with urllib.request.urlopen(address, data=body, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_eight_clients_at_once_get_the_answers_of_predict(trained_once):
    random, model = np.random.default_rng(0), package.load_model(trained_once)
    batches = [random.integers(0, 17, (1 + k % 5, 8, 8), dtype=np.uint8) for k in range(64)]
    with serving(trained_once) as (process, address):
        with ThreadPoolExecutor(8) as clients:
            answers = list(clients.map(lambda raw: post(address, npy(raw)), batches))
        process.terminate()
        assert process.wait(30) == 0
    for raw, (status, found) in zip(batches, answers, strict=True):
        assert status == 200
        answers = found["answers"]
        assert [one["class"] for one in answers] == [str(label) for label in model.predict(raw)]
        p = [[*one["probabilities"].values()] for one in answers]
        assert p == model.predict_proba(raw).tolist()
        assert tuple(answers[0]["probabilities"]) == model.class_names


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no array",
        npy(np.zeros((2, 7, 8))),
        npy(np.full((1, 8, 8), np.nan)),
        npy(np.array([{}, 1], dtype=object)),
        npy(np.zeros((1, 8, 8)))[:-8],
        npy(np.zeros((1, 8, 8))).replace(b"(1, 8, 8)", b"(9999999999999, 8, 8)")[:-8],
        npy(np.zeros(3)).replace(b"(3,)", b"(3; "),
        png(np.eye(8, dtype=np.uint8))[:50],
        b"0" * (2**24 + 1),
    ],
)
def test_a_wrong_request_is_refused_in_one_line_and_the_next_is_answered(address, body):
    status, content = post(address, body)
    assert status == (413 if len(body) > 2**24 else 400)
    assert content["error"]
    assert "\n" not in content["error"]
    assert post(address, npy(np.zeros((1, 8, 8), np.uint8)))[0] == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET / HTTP/1.0", b"501"),
        (b"POST / HTTP/1.0", b"400"),
        (b"POST / HTTP/1.0\r\nContent-Length: -1", b"400"),
        (b"nonsense", b"400"),
    ],
)
def test_what_is_no_such_request_is_refused_as_json(address, head, status):
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as client:
        client.sendall(head + b"\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    first, _, body = answer.rpartition(b"\r\n\r\n")
    assert first == b"" or first.split()[1] == status  # nonsense is taken for HTTP/0.9
    assert json.loads(body)["error"]


def test_a_picture_gets_the_answer_of_predict_files(address, trained_once):
    picture = png(np.eye(8, dtype=np.uint8) * 16)
    status, found = post(address, picture)
    (right,) = package.predict_files(trained_once, picture)
    assert status == 200
    assert found["answers"][0]["class"] == right.name
    assert [*found["answers"][0]["probabilities"].values()] == right.p.tolist()
