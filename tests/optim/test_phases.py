"""Phases of a config, and how long their schedules take."""

import pytest

import cnntrain
from cnntrain.optim.phases import running_phases


def phases(digits, steps_per_epoch=10, **overrides):
    config = cnntrain.load_config(digits, overrides=overrides)
    return running_phases(config.phase_at.values(), config.epochs, steps_per_epoch)


@pytest.mark.parametrize(("optimizer", "decay"), [("sgd", 0.0), ("adamw", 0.01)])
def test_settings_that_are_not_given_are_those_of_the_reference(digits, optimizer, decay):
    (phase,) = phases(digits, optimizer={"type": optimizer})
    assert phase.optimizer.weight_decay == decay


def test_weights_decay_and_biases_do_not(digits):
    config = cnntrain.load_config(digits)
    network = cnntrain.build_network(config, (8, 8, 1), 10)
    decays = network.initial_parameters(0)
    decays[...] = 0
    for part in network.layout.decayed_parts:
        decays[part] = 1
    for name, array in network.named_parameters(decays).items():
        assert set(array.flat) == {1.0 if name.endswith("/weight") else 0.0}


COSINE = {"schedule": "cosine", "initial": 0.1, "final": 0.001}
FALLING = [
    COSINE,
    {"schedule": "polynomial", "initial": 0.1, "final": 0.001},
    {"schedule": "one_cycle", "initial": 0.01, "maximum": 0.1, "final": 0.001},
]


@pytest.mark.parametrize("rate", FALLING, ids=lambda rate: rate["schedule"])
def test_the_last_phase_falls_to_its_final_rate_in_the_epochs_that_are_left(digits, rate):
    first = {"learning_rate": 0.1, "until": {"epochs": 4}}
    last = phases(digits, epochs=7, phases=[first, {"learning_rate": rate}])[1]
    assert last.rate(3) == pytest.approx(0.001)
    assert last.rate(2.9) > 0.001


def test_a_phase_of_some_epochs_falls_in_those(digits):
    described = [{"learning_rate": COSINE, "until": {"epochs": 4}}, {"learning_rate": 0.1}]
    first = phases(digits, epochs=7, phases=described)[0]
    assert (first.rate(4), first.rate(2)) == pytest.approx((0.001, 0.0505))


def test_a_phase_that_saturation_ends_takes_none_of_the_epochs_of_the_next(digits):
    described = [{"learning_rate": COSINE, "until": "plateau"}, {"learning_rate": COSINE}]
    first, last = phases(digits, epochs=7, phases=described)
    assert first.rate(7) == last.rate(7) == pytest.approx(0.001)
    assert first.rate(6.5) > 0.001 < last.rate(6.5)
    assert (first.plateau.plateau.patience, last.plateau) == (5, None)
