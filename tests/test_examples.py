"""The examples in docstrings are right: each is run where the files that it names exist."""

import doctest
import importlib
import pkgutil

import numpy as np
import pytest

import cnntrain as package


def examples():
    """The docstrings with examples, by the names of what they describe."""
    finder, found = doctest.DocTestFinder(exclude_empty=True), {}
    for info in pkgutil.walk_packages(package.__path__, "cnntrain."):
        if info.name.endswith("__main__"):
            continue
        for example in finder.find(importlib.import_module(info.name)):
            if example.examples:
                found[example.name] = example
    return found


EXAMPLES = examples()


@pytest.fixture
def files(digits, cnntrain):
    """The files that examples of public functions name: digits.yaml, and two runs of it."""
    digits.rename("digits.yaml")
    for name, filters in (("digits", 4), ("wide", 8)):
        options = ("--set", f"layers.0.filters={filters}", "--run", f"runs/{name}", "--quiet")
        assert cnntrain("fit", "digits.yaml", *options).code == 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_of(name, request):
    example = EXAMPLES[name]
    if any("cnntrain." in line.source for line in example.examples):
        request.getfixturevalue("files")
    example.globs |= {"cnntrain": package, "np": np}
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    report = []
    runner.run(example, out=report.append)
    assert runner.failures == 0, "".join(report)


PUBLIC = [name for name in package.__all__ if not name.endswith("Error")]


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_have_an_example(name):
    shown = getattr(package, name)
    assert any(f"{shown.__module__}.{shown.__qualname__}" in example for example in EXAMPLES)
