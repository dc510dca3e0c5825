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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("gradient_clip=1", "gradient_clip with optimizer spsa, expected sgd, nesterov, adam, "),
        ("layers.conv1.rate_factor=2", "layers.0.rate_factor with optimizer spsa, expected sgd, "),
    ],
)
def test_what_shapes_a_step_along_one_gradient_needs_such_steps(digits, cnntrain, given, said):
    for method in ("optimizer={type: spsa}", "phases=[{optimizer: spsa, learning_rate: 0.1}]"):
        done = cnntrain("describe", digits, "--set", given, "--set", method)
        assert done.code == 2
        (line,) = done.err.splitlines()
        assert line.startswith(f"--set {given}: error: {said}"), line
    for method in ("optimizer=adam", "optimizer=none", "phases=none"):
        done = cnntrain("describe", digits, "--set", given, "--set", method)
        assert said not in done.err


@pytest.mark.parametrize("layer", ["relu1", "flatten1", "softmax1"])
def test_layers_without_parameters_have_no_rate(digits, cnntrain, layer):
    done = cnntrain("describe", digits, "--set", f"layers.{layer}.rate_factor=2")
    assert done.code == 2
    assert "rate_factor (a key of type: conv, type: dense, " in done.err


@pytest.mark.parametrize("name", ["optimizer", "average"])
def test_layers_are_not_called_like_what_checkpoints_keep_beside_them(digits, cnntrain, name):
    done = cnntrain("describe", digits, "--set", f"layers.conv1.name={name}")
    assert done.code == 2
    assert f"error: invalid layers.0.name, found {name}, expected another name (" in done.err
