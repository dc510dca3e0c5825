"""A run whose inputs are augmented: everything that trains sees them, and nothing else."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cnntrain import Run, fit, load_config
from cnntrain.errors import ConfigError, UsageError
from cnntrain.experiment import set_up
from cnntrain.sweeps.range_test import make_curve

from ..run_files import digests

AUGMENT = [{"type": "flip", "alternating": True}, {"type": "erase", "fraction": [0.1, 0.3]}, "flip"]
MIXED = [
    {"type": "shift", "pixels": 1},
    {"type": "mixup", "alpha": 1.0, "probability": 0.5},
    {"type": "rotate", "degrees": 5, "fill": "reflect"},
    {"type": "zoom", "percent": [-5, 10], "fill": "mean"},
    {"type": "crop", "scale": [0.8, 1.0], "probability": 0.3},
    "brightness",
    "contrast",
    {"type": "noise", "deviation": [0.01, 0.1]},
    "cutmix",
]


def with_augment(digits, augment):
    """`config(key=value)`: three epochs of 21 steps."""

    def made(**settings):
        return load_config(digits, {"augment": augment, "epochs": 3, **settings})

    return made


@pytest.fixture
def config(digits):
    """With flips and rectangles of noise."""
    return with_augment(digits, [AUGMENT[0], {**AUGMENT[1], "fill": "random"}, AUGMENT[2]])


@pytest.fixture(params=["cross_entropy", "smoothed", "weighted", "quadratic"])
def mixed(digits, request):
    """With most of the others, which mix samples and labels too, and different losses."""
    loss = {
        "smoothed": {"type": "cross_entropy", "label_smoothing": 0.1},
        "weighted": {"type": "cross_entropy", "class_weights": "balanced"},
    }.get(request.param, request.param)
    return partial(with_augment(digits, MIXED), loss=loss)


@pytest.fixture
def straight(config):
    """The directory of a run of it, with one worker."""
    return trained(config(**{"compute.workers": 1}))


def trained(config):
    """What a run of it comes to."""
    fit(config, run="run", overwrite=True)
    return digests(Path("run"))


def metric(config, name):
    """A column of its metrics."""
    fit(config, run="run", overwrite=True)
    return Run("run").metrics[name]


@pytest.mark.parametrize("workers", [2, 4])
def test_workers_change_nothing(config, straight, workers):
    assert trained(config(**{"compute.workers": workers})) == straight


def test_a_run_goes_on_from_within_an_epoch(config, straight, stop_after):
    run = Path("stopped")
    for step in (10, 21, 50):
        fit(config(), run=run, resume=True, progress=stop_after(run, step))
    assert fit(config(), run=run, resume=True).status == "finished"
    assert digests(run) == straight


def test_mixed_samples_and_labels_depend_on_no_worker_and_no_stop(mixed, stop_after):
    straight = trained(mixed(**{"compute.workers": 1}))
    for workers in (2, 4):
        assert trained(mixed(**{"compute.workers": workers})) == straight
    run = Path("stopped")
    for step in (10, 21, 50):
        fit(mixed(), run=run, resume=True, progress=stop_after(run, step))
    assert fit(mixed(), run=run, resume=True).status == "finished"
    assert digests(run) == straight


def test_all_engines_and_chunks_are_given_the_same_mixtures(mixed):
    measured = []
    for engine in ("numpy", "auto"):
        for chunk in ("auto", 16):
            config = mixed(**{"compute.engine": engine, "compute.chunk": chunk})
            fit(config, run="run", overwrite=True)
            rows = Run("run").metrics
            measured.append((rows["train_loss"], rows["train_error"]))
    losses, errors = zip(*measured, strict=True)
    np.testing.assert_allclose(losses, [losses[0]] * 4, rtol=1e-3)
    np.testing.assert_allclose(errors, [errors[0]] * 4, atol=0.005)


def test_train_error_is_against_the_larger_share(digits):
    config = with_augment(digits, [{"type": "mixup", "alpha": 1.0}])
    config = config(epochs=1, learning_rate=1e-12)
    fit(config, run="run")
    dataset, network, batches = set_up(config)
    everyone = np.concatenate(list(batches.batches(1)))
    batch = dataset.batch(everyone, 1)
    _, outputs = network.measure(network.initial_parameters(0), batch)
    errors = outputs.argmax(axis=1) != batch.targets().argmax(axis=1)
    assert Run("run").metrics["train_error"] == pytest.approx([errors.mean()], abs=1e-9)


def test_that_is_said_where_training_begins(digits, cnntrain):
    said = "labels are mixed: training errors are against the larger share"
    for augment, expected in (("[mixup]", 1), ("[flip]", 0)):
        result = cnntrain("fit", digits, "--set", f"augment={augment}", "--set", "epochs=1",
                          "--overwrite")  # fmt: skip
        assert result.code == 0 and result.err.count(said) == expected


def test_real_targets_are_mixed(digits):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 4, 4, 1)).astype(np.float32)
    np.savez("real.npz", x=x, y=x.sum(axis=(1, 2)).astype(float))
    digits.write_text(
        "data: {source: npz, path: real.npz}\nname: v\n"
        "augment: [{type: mixup, alpha: 1}]\n"
        "layers: [flatten, {type: dense, units: 1}]\n"
        "loss: quadratic\nbatch_size: 8\nepochs: 60\nlearning_rate: 0.01\n"
    )
    losses = metric(load_config(digits), "train_loss")
    assert losses[-1] < 0.01 * losses[0]  # linear in x, as the targets are


def test_all_engines_and_chunks_are_given_the_same(config):
    losses = [
        metric(config(**{"compute.engine": engine, "compute.chunk": chunk}), "train_loss")
        for engine in ("numpy", "auto")
        for chunk in ("auto", 16)
    ]
    np.testing.assert_allclose(losses, [losses[0]] * 4, rtol=1e-4)
    assert (metric(config(augment="none"), "train_loss") < losses[0]).all()


def test_the_training_part_is_measured_as_it_is(config):
    fixed = {"evaluate_train": "full", "learning_rate": 1e-12, "epochs": 1}
    as_it_is = metric(config(**fixed, augment="none"), "train_loss")
    assert metric(config(**fixed), "train_risk") == pytest.approx(as_it_is, rel=1e-6)
    assert metric(config(**fixed), "train_loss") != pytest.approx(as_it_is, rel=1e-6)


def test_the_range_test_trains_as_a_run_does(config):
    losses = [point.loss for point in make_curve(config(), 1e-12, 1e-12, 43)]
    dataset, network, batches = set_up(config())
    w = network.initial_parameters(0)
    for step in (0, 20, 21, 42):
        epoch, number = divmod(step, 21)
        positions = list(batches.batches(epoch + 1))[number]
        total, _ = network.measure(w, dataset.batch(positions, epoch + 1))
        assert losses[step] == pytest.approx(total.risk, rel=1e-6)


def test_a_run_with_other_augmentations_is_another_run(config):
    fit(config(epochs=1), run="run")
    with pytest.raises(UsageError, match=r"augment\.0\.alternating"):
        fit(config(epochs=1, **{"augment.0.alternating": False}), run="run", resume=True)


@pytest.mark.parametrize(
    ("augment", "said"),
    [
        ("[flip]", "3:11: error: augment.0: flip needs images or signals, found vectors of 16"),
        ("[{type: erase, size: 3}]", "3:11: error: augment.0: erase needs images or signals"),
    ],
)
def test_vectors_are_refused(digits, augment, said):
    np.savez("vectors.npz", x=np.zeros((30, 16)), y=np.arange(30) % 3)
    digits.write_text(
        "data: {source: npz, path: vectors.npz}\nname: v\n"
        f"augment: {augment}\n"
        "layers: [{type: dense, units: 3}, softmax]\n"
        "loss: cross_entropy\nbatch_size: 8\nepochs: 1\nlearning_rate: 0.1\n"
    )
    with pytest.raises(ConfigError, match=said):
        set_up(load_config(digits))
