"""`cnntrain fetch`: the list, and the section to paste."""

import json
import subprocess
import sys

import pytest

from cnntrain.config import load_config
from cnntrain.fetch import CATALOGUE


def test_without_a_name_the_data_sets_are_listed(cnntrain):
    lines = cnntrain("fetch").out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(CATALOGUE)
    assert "licence" in lines[0] and max(map(len, lines)) <= 100
    listed = [json.loads(line) for line in cnntrain("fetch", "--json").out.splitlines()]
    assert {entry["name"]: entry["bytes"] for entry in listed} == {
        name: entry.size for name, entry in CATALOGUE.items()
    }


def test_what_is_printed_is_the_data_of_a_config(cnntrain, mnist, server, digits):
    result = cnntrain("fetch", "mnist", "my data/mnist", "--mirror", server.url)
    assert result.code == 0
    assert max(map(len, result.out.splitlines())) <= 100
    text = digits.read_text().replace("data: {source: digits, validation: 0.1}\n", result.out)
    digits.write_text(text.replace("kernel: 3", "kernel: 2").replace("units: 10", "units: 3"))
    config = load_config(digits)
    assert config.data.directory == str(digits.parent / "my data" / "mnist")
    assert cnntrain("fit", digits, "--quiet").code == 0
    again = cnntrain("fetch", "mnist", "my data/mnist", "--mirror", server.url)
    assert (again.out, again.err) == (result.out, "my data/mnist: all files are there already\n")


def test_progress_goes_to_standard_error_and_can_be_left_out(cnntrain, mnist, server, digits):
    shown = cnntrain("fetch", "mnist", "one", "--mirror", server.url).err.splitlines()
    assert [line.split(":")[0] for line in shown] == list(mnist)
    assert cnntrain("fetch", "mnist", "two", "--mirror", server.url, "--quiet").err == ""


def test_results_come_as_json(cnntrain, mnist, server, digits):
    result = cnntrain("fetch", "mnist", "--mirror", server.url, "--json")
    assert json.loads(result.out) == {
        "name": "mnist",
        "directory": "mnist",
        "files": list(mnist),
        "new": list(mnist),
        "data": {"source": "idx", "directory": "mnist", "validation": 0.1},
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["mnis"], "no data set mnis (did you mean mnist? there are mnist, fashion-mnist, kmnist, "
         "emnist-letters, cifar10, cifar100, svhn)"),
        (["mnist", "--mirror", "ftp://x"], "--mirror is ftp://x, expected http:// or https://"),
    ],
)  # fmt: skip
def test_arguments_that_make_no_sense_exit_2(cnntrain, arguments, told):
    result = cnntrain("fetch", *arguments)
    assert (result.code, result.err) == (2, f"cnntrain: error: {told}\n")


def test_a_server_that_is_not_there_exits_5(cnntrain, digits):
    result = cnntrain("fetch", "kmnist", "--mirror", "http://127.0.0.1:1", "--quiet")
    assert result.code == 5
    assert result.err == (
        "cnntrain: error: cannot fetch http://127.0.0.1:1/train-images-idx3-ubyte.gz: no "
        "connection, or it broke off (--mirror names another server)\n"
    )
    assert not (digits.parent / "kmnist").exists()


def test_without_pooch_the_error_says_how_to_get_it(digits):
    code = (
        "import sys; sys.modules['pooch'] = None\n"
        "sys.argv = ['cnntrain', 'fetch', 'mnist']\n"
        "from cnntrain.__main__ import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == (
        "cnntrain: error: fetching needs pooch (pip install 'cnntrain[fetch]')\n"
    )
    assert not (digits.parent / "mnist").exists()
