"""The compiled engine, compiled anew for these tests."""

import pytest

from cnntrain.nn.engines.compiled.build import build
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import Library, load


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """The folder of the libraries for this kind of machine."""
    folder = tmp_path_factory.mktemp("built")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def library(libraries):
    """The library for this processor."""
    found = load(libraries)
    assert isinstance(found, Library), found
    return found


@pytest.fixture(scope="session")
def compiled(library):
    """The engine that calls it."""
    return CompiledEngine(library)
