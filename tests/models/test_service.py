"""The prediction service in configs/service, with a real server and several clients at once."""

import io
import json
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import pytest

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
        assert found["labels"] == [str(label) for label in model.predict(raw)]
        assert found["p"] == model.predict_proba(raw).max(axis=1).tolist()


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
        b"0" * (2**24 + 1),
    ],
)
def test_a_wrong_request_is_refused_in_one_line_and_the_next_is_answered(address, body):
    try:
        status, content = post(address, body)
    except urllib.error.URLError:  # too long to be read: the connection ends meanwhile
        assert len(body) > 2**24
    else:
        assert status == 400
        assert content["error"]
        assert "\n" not in content["error"]
    assert post(address, npy(np.zeros((1, 8, 8), np.uint8)))[0] == 200
