"""The digits that come with cnntrain, and where they come from."""

import hashlib
import re

import numpy as np

from cnntrain.resources import bundled

README = bundled("data/README.md").read_text(encoding="utf-8")


def test_the_digits_are_1797_images_of_10_classes(load):
    data = load("{source: digits}")
    x, y = data.train.examples.x, data.train.examples.y
    assert x.shape == (1797, 8, 8, 1) and x.dtype == np.uint8
    assert (x.min(), x.max()) == (0, 16)
    assert data.class_names == tuple("0123456789") and data.outputs == 10
    counts = np.bincount(y).tolist()
    assert counts == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert (len(data.train), data.validation, len(data.test)) == (1438, None, 359)
    assert data.warnings == ()


def test_the_first_digit_looks_like_a_zero(load):
    digits = load("{source: digits}").train.examples
    assert digits.y[0] == 0
    assert digits.x[0, :2, :, 0].tolist() == [
        [0, 0, 5, 13, 9, 1, 0, 0],
        [0, 0, 13, 15, 10, 15, 5, 0],
    ]


def test_every_class_is_split_in_proportion(load):
    data = load("{source: digits, test: 0.2, validation: 0.1}")
    for part, share in ((data.test, 0.2), (data.validation, 0.08), (data.train, 0.72)):
        counts = np.bincount(part.y)
        assert np.abs(counts - share * np.bincount(part.examples.y)).max() < 1.5


def test_the_file_is_the_one_that_its_readme_describes():
    digest = hashlib.sha256(bundled("data/digits.csv.gz").read_bytes()).hexdigest()
    assert f"| SHA-256 | `{digest}` |" in README
    assert "1,797 images" in README


def test_the_readme_holds_the_whole_licence_of_the_file():
    *_, licence = re.findall(r"```text\n(.*?)```", README, flags=re.DOTALL)
    words = " ".join(licence.split())
    assert words.startswith("BSD 3-Clause License Copyright (c) 2007-")
    for clause in (
        "The scikit-learn developers. All rights reserved.",
        "Redistributions of source code must retain the above copyright notice, this list of "
        "conditions and the following disclaimer.",
        "Redistributions in binary form must reproduce the above copyright notice, this list of "
        "conditions and the following disclaimer in the documentation and/or other materials "
        "provided with the distribution.",
        "Neither the name of the copyright holder nor the names of its contributors may be used "
        "to endorse or promote products derived from this software without specific prior "
        "written permission.",
        'THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"',
        "EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.",
    ):
        assert clause in words
    assert "CC BY 4.0" in README and "https://archive.ics.uci.edu/dataset/80/" in README
