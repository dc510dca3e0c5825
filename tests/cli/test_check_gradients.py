"""`cnntrain check-gradients`: agrees on a right network, exits 8 on a wrong one."""

import json
import subprocess
import sys

import numpy as np


def test_a_right_gradient_agrees(digits, cnntrain):
    result = cnntrain("check-gradients", digits, "--json", "--entries", 20)
    assert result.code == 0, result.err
    found = json.loads(result.out)
    assert found["passed"]
    assert [a["name"] for a in found["arrays"]] == [
        "conv1/weight",
        "conv1/bias",
        "dense1/weight",
        "dense1/bias",
    ]
    assert all(a["checked"] + a["kinks"] == min(20, a["entries"]) for a in found["arrays"])


def test_all_checks_every_entry(digits, cnntrain):
    found = json.loads(cnntrain("check-gradients", digits, "--json", "--entries", "all").out)
    assert all(a["checked"] + a["kinks"] == a["entries"] for a in found["arrays"])


def test_a_wrong_gradient_is_named_and_exits_8(digits):
    code = (
        "import sys\n"
        "from cnntrain.nn.layers.dense import Dense\n"
        "right = Dense.backward\n"
        "def wrong(self, dy, kept, w, dw, call, need_dx=True):\n"
        "    dx = right(self, dy, kept, w, dw, call, need_dx)\n"
        "    dw['weight'] *= 1.001\n"
        "    return dx\n"
        "Dense.backward = wrong\n"
        "from cnntrain.cli.main import main\n"
        "sys.argv = ['cnntrain', 'check-gradients', 'small.yaml']\n"
        "sys.argv += ['--set', 'compute.engine=numpy']\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 8, done.stderr
    assert "DISAGREES" in done.stdout
    assert "dense1/weight[" in done.stdout
    verdicts = {
        line.split()[0]: line.split()[-1] for line in done.stdout.splitlines() if "/" in line
    }
    assert verdicts["conv1/weight"] == "ok"


def test_entries_must_be_a_number_or_all(digits, cnntrain):
    assert cnntrain("check-gradients", digits, "--entries", "some").code == 2
    assert cnntrain("check-gradients", digits, "--entries", 0).code == 2


def test_a_check_of_nothing_does_not_pass(digits, cnntrain):
    """A network without parameters."""
    np.savez("x.npz", x_train=np.eye(4, dtype=np.float32), y_train=np.arange(4))
    given = ("--set", "layers=[{type: softmax}]", "--set", "data={source: npz, path: x.npz}")
    done = cnntrain("check-gradients", digits, *given)
    assert (done.code, done.out.splitlines()[-1][:20]) == (8, "nothing was checked:")
    assert not json.loads(cnntrain("check-gradients", digits, *given, "--json").out)["passed"]
