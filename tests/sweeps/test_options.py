"""Options of sweeps: what they write, what does not go together, what makes no sense."""

from pathlib import Path

import pytest

import cnntrain as package

from .conftest import SHORT


def test_apply_writes_a_config_with_the_rate(digits, swept, cnntrain):
    given = (*SHORT, "--resume", "--apply", "applied.yaml")
    assert cnntrain("lr-sweep", digits, *given).code == 0
    config = package.load_config("applied.yaml")
    assert config.learning_rate.initial == 0.05
    assert config.epochs == 2
    again = cnntrain("lr-sweep", digits, *given)
    assert again.code == 2
    assert "applied.yaml exists already, nothing was written" in again.err


def test_where_a_config_cannot_be_written_no_trial_is_run(digits, cnntrain):
    assert cnntrain("lr-sweep", digits, *SHORT, "--apply", "no/where.yaml").code == 5
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    "given",
    [
        ("--apply", "a.yaml", "--dry-run"),
        ("--apply", "a.yaml", "--print-commands"),
        ("--range-test", "--jobs", "0"),
        ("--range-test", "--collect", "x"),
        ("--range-test", "--dry-run"),
        ("--collect", "x", "--resume"),
        ("--rates", "0.1", "--from", "0.1"),
        ("--print-commands", "--json"),
    ],
)
def test_options_that_do_not_go_together(digits, cnntrain, given):
    done = cnntrain("lr-sweep", digits, *given)
    options = sorted(word for word in given if word.startswith("--"))
    assert done.code == 2
    first, second = (
        done.err.removeprefix("cnntrain: error: ").strip().split(" cannot be combined with ")
    )
    assert sorted([first, second]) == options


def test_what_no_trial_can_train_with_is_found_before(digits, cnntrain):
    """That a rule watches what the data do not have, for example."""
    plateau = "learning_rate.on_plateau={monitor: validation_loss}"
    given = ("--set", "data.validation=none", "--set", plateau)
    done = cnntrain("lr-sweep", digits, *SHORT, *given)
    assert done.code == 2
    assert "watches validation_loss, but there is no validation part" in done.err
    assert not Path("runs").exists()


def test_bad_input_is_one_line_and_exit_2(digits, cnntrain):
    for given in (
        ("--from", "1", "--to", "0.1"),
        ("--points", "1"),
        ("--rates", "0.1,-2"),
        ("--rates", "0.1,x"),
        ("--rates", ""),
        ("--seeds", "10000000000"),
        ("--range-test", "--from", "1e-300", "--to", "1e300"),
        ("--jobs", "0"),
        ("--seeds", "0"),
        ("--epochs", "0"),
    ):
        done = cnntrain("lr-sweep", digits, *given)
        assert done.code == 2, given
        assert done.err.count("\n") == 1
    assert not (digits.parent / "runs").exists()
