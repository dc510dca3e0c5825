"""What is legal and probably a mistake."""

from __future__ import annotations

from typing import Any

import pytest

from cnntrain.config import load_config

BASE: dict[str, Any] = {
    "data": {"source": "digits", "validation": 0.1},
    "layers": ["flatten", {"type": "dense", "units": 10}, "softmax"],
    "loss": "cross_entropy",
    "batch_size": 64,
    "epochs": 5,
}
PLATEAU = {"patience": 3, "monitor": "train_error"}


def warnings(**values: Any) -> list[str]:
    beside = {} if "phases" in values else {"learning_rate": 0.1}
    return list(load_config({**BASE, **beside, **values}).warnings)


def schedule(word: str, **values: Any) -> dict[str, Any]:
    return {"learning_rate": {"schedule": word, "initial": 0.1, **values}}


def phase(until: Any = "end", **values: Any) -> dict[str, Any]:
    return {"learning_rate": 0.1, "until": until, **values}


NEVER = "the rate never falls"
LATE = "it cannot run out before they are over"
TAKEN = "is never reached: the phases before it take all 5 epochs"


@pytest.mark.parametrize(
    ("values", "warning"),
    [
        (schedule("step", every=5), f"learning_rate.every is 5, with 5 epochs: {NEVER}"),
        (schedule("step"), f"learning_rate.every is 10, with 5 epochs: {NEVER}"),
        (
            schedule("multistep", milestones=[2, 9, 7]),
            "learning_rate.milestones is 7, with 5 epochs: the rate does not fall there",
        ),
        (
            schedule("cosine_restarts", period=5),
            "learning_rate.period is 5, with 5 epochs: there is no restart",
        ),
        (
            schedule("constant", warm_up=5),
            "learning_rate.warm_up is 5, with 5 epochs: the rate rises to the end",
        ),
        (
            schedule("one_cycle", maximum=0.05),
            "learning_rate.initial is above maximum 0.05: the rate falls where it should rise",
        ),
        (
            schedule("one_cycle", maximum=0.2, final=0.3),
            "learning_rate.final is above maximum 0.2: the rate rises at the end",
        ),
        (
            schedule("cosine", final=0.2),
            "learning_rate.final is above initial 0.1: the rate rises at the end",
        ),
        (
            schedule("constant", on_plateau={**PLATEAU, "patience": 4}),
            f"learning_rate.on_plateau.patience is 4, with 5 epochs: {LATE}",
        ),
        (
            schedule("constant", on_plateau={**PLATEAU, "min_delta": 1}),
            "learning_rate.on_plateau.min_delta is 1: train_error, between 0 and 1, cannot fall by "
            "more",
        ),
        (
            schedule("constant", on_plateau={**PLATEAU, "minimum": 0.1}),
            "learning_rate.on_plateau lowers nothing: its minimum is not below initial 0.1",
        ),
        (
            {"early_stopping": {"patience": 4}},
            f"early_stopping.patience is 4, with 5 epochs: {LATE}",
        ),
        (
            {"early_stopping": {"patience": 1, "min_delta": 2}},
            "early_stopping.min_delta is 2: validation_error, between 0 and 1, cannot fall by more",
        ),
        (
            {"early_stopping": {"patience": 1, "min_delta": 1, "monitor": "macro_f1"}},
            "early_stopping.min_delta is 1: macro_f1, between 0 and 1, cannot rise by more",
        ),
        (
            {
                "early_stopping": {"patience": 3},
                **schedule("constant", on_plateau={"patience": 3}),
            },
            "early_stopping.patience is 3, not larger than the patience 3 of on_plateau: training "
            "may stop before the rate falls",
        ),
        (
            {"convergence": {"step_norm": 0.1, "patience": 5}},
            "convergence.patience is 5, with 5 epochs: it changes nothing",
        ),
        ({"phases": [phase({"epochs": 5}), phase()]}, f"phases.1 {TAKEN}"),
        ({"phases": [phase({"epochs": 3}), phase({"epochs": 2}), phase()]}, f"phases.2 {TAKEN}"),
        ({"phases": [phase("plateau"), phase()]}, f"phases.1 {TAKEN}"),
        (
            {"phases": [phase("plateau")]},
            "phases.0.until is plateau, which takes 6 epochs or more, of 5",
        ),
        (
            {"phases": [phase({"epochs": 3}), phase({"epochs": 9})]},
            "phases.1.until is 9, with 2 epochs: the phase is cut short",
        ),
        (
            {"phases": [phase({"epochs": 3}, **schedule("step", every=3)), phase()]},
            f"phases.0.learning_rate.every is 3, with 3 epochs: {NEVER}",
        ),
        (
            {"phases": [phase({"epochs": 3}), phase()], "early_stopping": {"patience": 2}},
            f"early_stopping.patience is 2, with 3 epochs: {LATE}",
        ),
    ],
)  # fmt: skip
def test_what_cannot_act_is_warned_of(values: dict[str, Any], warning: str) -> None:
    assert warnings(**values) == [warning]


@pytest.mark.parametrize(
    "values",
    [
        schedule("step", every=4),
        schedule("multistep", milestones=[4]),
        schedule("cosine_restarts", period=4),
        schedule("constant", warm_up=4.9),
        schedule("one_cycle", maximum=0.1),
        schedule("constant", on_plateau={**PLATEAU, "min_delta": 0.9, "minimum": 0.09}),
        {"early_stopping": {"patience": 3}},
        {"early_stopping": {"patience": 3, "monitor": "validation_loss", "min_delta": 2}},
        {"convergence": {"step_norm": 0.1, "patience": 4}},
        {"phases": [phase({"epochs": 4}), phase()]},
        {"phases": [phase("plateau", **schedule("constant", on_plateau=PLATEAU)), phase()]},
        {"phases": [phase({"epochs": 2}), phase({"epochs": 3})]},
    ],
)
def test_what_acts_at_least_once_is_not(values: dict[str, Any]) -> None:
    assert warnings(**values) == []


def test_a_warning_is_located_as_an_error_is(digits) -> None:
    digits.write_text(f"{digits.read_text()}early_stopping:\n  patience: 9\n")
    config = load_config(digits.name, {"learning_rate": {"schedule": "step", "initial": 1}})
    override, file = config.warnings
    assert override.startswith("override learning_rate={'schedule': 'step', 'initial': 1}: ")
    assert file.startswith("small.yaml:16:13: early_stopping.patience is 9, with 2 epochs")


@pytest.mark.parametrize("command", ["fit", "describe", "schedule", "lr-sweep", "sweep"])
def test_every_command_that_looks_ahead_shows_it_once(digits, cnntrain, command) -> None:
    options = ["--set", "early_stopping={patience: 9}"]
    options += {
        "fit": ["--quiet"],
        "lr-sweep": ["--quiet", "--dry-run"],
        "sweep": ["--quiet", "--dry-run", "--over", "batch_size=32,64"],
    }.get(command, [])
    done = cnntrain(command, digits, *options)
    assert done.code == 0
    if command != "fit":  # there, --quiet hides all notes
        assert done.err.count("early_stopping.patience is 9, with 2 epochs") == 1
