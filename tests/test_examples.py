"""The examples in docstrings give what they say."""

import doctest

import numpy as np
import pytest

import cnntrain as package
from cnntrain.models import evaluation, model
from cnntrain.optim import patience
from cnntrain.runs import reader


@pytest.mark.parametrize("module", [evaluation, model, patience, reader])
def test_the_examples_of_a_module_give_what_they_say(digits, cnntrain, module):
    assert cnntrain("fit", digits, "--quiet", "--run", "runs/digits").code == 0
    result = doctest.testmod(module, extraglobs={"cnntrain": package, "np": np})
    assert result.attempted > 0
    assert result.failed == 0
