"""Whether the parts of a config fit together."""

import pytest

COMMANDS = {
    "fit": ["--quiet"],
    "describe": [],
    "schedule": [],
    "check-gradients": [],
    "bench": [],
    "lr-sweep": ["--quiet"],
    "sweep": ["--quiet", "--over", "seed=1,2"],
}


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("key", ["optimizer", "learning_rate"])
@pytest.mark.parametrize("phases", [(), ("--set", "phases=none")], ids=["absent", "none"])
def test_every_command_refuses_what_only_phases_may_lack(digits, cnntrain, command, key, phases):
    done = cnntrain(command, digits, "--set", f"{key}=none", *phases, *COMMANDS[command])
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert line.startswith(f"--set {key}=none: error: {key}: none without phases, expected ")


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("key", ["optimizer", "learning_rate"])
def test_a_phase_has_both(digits, cnntrain, command, key):
    phase = "{learning_rate: 0.1}" if key == "optimizer" else "{optimizer: sgd}"
    phase = f"{phase[:-1]}, {key}: none}}"
    done = cnntrain(command, digits, "--set", f"phases=[{phase}]", *COMMANDS[command])
    assert done.code == 2
    (line,) = done.err.splitlines()
    assert f"error: invalid phases.0.{key}, found 'none', expected " in line
