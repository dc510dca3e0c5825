"""Points in the plane: where they are, and that they are the same everywhere."""

import numpy as np
import pytest

from cnntrain.config import load_config
from cnntrain.data.sources.toy2d import Toy2d
from cnntrain.errors import ConfigError

REST = """
layers: [{type: dense, units: 2}, {type: softmax}]
loss: cross_entropy
batch_size: 8
epochs: 1
learning_rate: 0.1
"""
SHAPES = ("circles", "xor", "spiral")


def examples(**settings):
    return Toy2d(**settings).read().train


def test_by_default_there_are_600_points_of_two_classes(load):
    data = load("{source: toy2d}")
    x, y = data.train.examples.x, data.train.examples.y
    assert x.shape == (600, 2) and x.dtype == np.float64
    assert np.bincount(y).tolist() == [300, 300]
    assert data.class_names == ("circle 1", "circle 2")
    assert (len(data.train), data.validation, len(data.test)) == (480, None, 120)
    assert data.warnings == ()


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_without_noise_a_circle_has_one_radius(classes):
    data = examples(shape="circles", classes=classes, noise=0.0)
    np.testing.assert_allclose(np.hypot(*data.x.T), (data.y + 1) / classes, atol=1e-15)


def test_without_noise_xor_is_told_by_the_signs():
    data = examples(shape="xor", noise=0.0)
    assert ((data.x[:, 0] * data.x[:, 1] < 0) == data.y).all()
    quadrants = np.bincount((data.x[:, 0] > 0) + 2 * (data.x[:, 1] > 0), minlength=4)
    assert quadrants.min() > 100
    assert np.abs(data.x).max() <= 1


@pytest.mark.parametrize("classes", [2, 3, 8])
def test_without_noise_an_arm_of_the_spiral_winds_by_the_radius(classes):
    data = examples(shape="spiral", classes=classes, noise=0.0)
    radius, angle = np.hypot(*data.x.T), np.arctan2(data.x[:, 1], data.x[:, 0]) / (2 * np.pi)
    expected = data.y / classes + (radius - 0.2) / 0.8
    np.testing.assert_allclose((angle - expected + 0.5) % 1, 0.5, atol=1e-12)
    assert radius.min() >= 0.2 and radius.max() <= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_noise_is_added_with_its_deviation(shape):
    plain, noisy = (examples(shape=shape, noise=noise, samples=20_000) for noise in (0.0, 0.3))
    added = noisy.x - plain.x
    np.testing.assert_allclose(added.std(axis=0), 0.3, rtol=0.02)
    np.testing.assert_allclose(added.mean(axis=0), 0, atol=0.01)
    assert abs(np.corrcoef(added.T)[0, 1]) < 0.03


@pytest.mark.parametrize("shape", SHAPES)
def test_a_point_does_not_depend_on_how_many_there_are(shape):
    many, few = (examples(shape=shape, samples=samples) for samples in (100, 30))
    np.testing.assert_array_equal(many.x[:30], few.x)
    assert not (examples(shape=shape, samples=30, seed=1).x == few.x).any()


@pytest.mark.parametrize(
    ("shape", "digest"),
    [
        ("circles", "121e1654c3a9392e"),
        ("xor", "f5ecd4b2bc0ba966"),
        ("spiral", "c177074e262d26d2"),
    ],
)
def test_the_bytes_are_the_same_on_every_machine(shape, digest):
    assert Toy2d(shape=shape, classes=2).read().fingerprint[:16] == digest


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("shape: moons", "1:30: error: invalid data.shape, found 'moons', expected circles, xor"),
        ("classes: 9", "1:32: error: invalid data.classes, found 9"),
        ("shape: xor, classes: 3", "1:35: error: data.classes 3 with data.shape xor, expected 2"),
        (
            "classes: 3, samples: 2",
            "1:35: error: data.samples 2 with data.classes 3, expected 3 or more",
        ),
        ("samples: 1", "1:32: error: invalid data.samples, found 1"),
        ("noise: -1", "1:30: error: invalid data.noise, found -1, expected a number >= 0"),
        ("arms: 3", r"unknown key data.arms \(did you mean classes\?"),
    ],
)
def test_what_cannot_be_is_said_where_it_stands(tmp_path, settings, message):
    path = tmp_path / "config.yaml"
    path.write_text(f"data: {{source: toy2d, {settings}}}{REST}")
    with pytest.raises(ConfigError, match=message):
        load_config(path)
