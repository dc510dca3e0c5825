"""Progress while a run is under way, and numbers of any size."""

import re

import pytest

from cnntrain.cli.progress import ProgressBar
from cnntrain.nn.losses import BatchTotals
from cnntrain.optim.objective import EvalCounts
from cnntrain.text import loss_text
from cnntrain.training.progress import TrainingPlan
from cnntrain.training.step import TrainingStep


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (0.0, "0.0000"),
        (0.001, "0.0010"),
        (0.00099, "9.900e-04"),
        (1.23456, "1.2346"),
        (9999.0, "9999.0000"),
        (129542121.9035, "1.295e+08"),
    ],
)
def test_a_loss_is_shown_with_four_digits_at_least(value, text):
    assert loss_text(value) == text


def a_step(batch, running):
    return TrainingStep(1, batch, batch, 10 * batch, 0.1, 1.0, None, 1.0, running, EvalCounts())


def test_the_bar_counts_no_samples_of_an_earlier_process(capsys):
    plan = TrainingPlan("run", 5, 10, 100, samples_done=40, parameters=1, classification=False)
    bar = ProgressBar()
    bar.begin(plan)
    bar.step(a_step(4, BatchTotals(samples=40, loss=1e-5)))
    bar.shown = 0.0
    assert "loss 2.500e-07  rate 0.1  0/s" in capsys.readouterr().err
    bar.step(a_step(5, BatchTotals(samples=50, loss=1e-5)))
    speed = re.findall(r"([\d,]+)/s", capsys.readouterr().err)[-1]
    assert int(speed.replace(",", "")) > 0
    bar.end()


@pytest.mark.parametrize("loss", [3e-5, 3e5])
def test_the_table_stays_one_whatever_the_losses(digits, cnntrain, loss):
    """Targets in small or large units."""
    import numpy as np

    random = np.random.default_rng(0)
    y = np.sqrt(loss) * random.normal(size=(60, 1))
    np.savez("r.npz", x_train=random.normal(size=(60, 3)).astype(np.float32), y_train=y)
    given = (
        "data={source: npz, path: r.npz, validation: 0.2}", "layers=[{type: dense, units: 1}]",
        "loss=quadratic", "learning_rate=1e-9",
    )  # fmt: skip
    done = cnntrain("fit", digits, *[part for text in given for part in ("--set", text)])
    header, first, second = done.err.splitlines()[1:4]
    assert len(header) == len(first.rstrip(" *")) == len(second.rstrip(" *"))
    assert float(first.split()[1]) > 0


def test_metrics_have_columns_of_their_own(digits, cnntrain):
    given = ("--set", "metrics=[macro_f1, top5_error]", "--set", "epochs=1")
    done = cnntrain("fit", digits, *given)
    _, header, first, *_ = done.err.splitlines()
    assert header.split()[5:9] == ["F1", "top", "5", "rate"]
    assert len(header) == len(first.rstrip(" *"))
    table = (digits.parent / "runs/small/metrics.csv").read_text().splitlines()
    cells = dict(zip(*(line.split(",") for line in table), strict=True))
    f1, top5 = f"{float(cells['macro_f1']):.4f}", f"{100 * float(cells['top5_error']):.2f} %"
    assert f"{f1.rjust(9)} {top5.rjust(9)} " in first
    assert f"macro F1 {f1}, top-5 error {top5}" in done.out
    watched = cnntrain("watch", "runs/small").out
    assert watched.count(f1) == watched.count(top5) == 2
