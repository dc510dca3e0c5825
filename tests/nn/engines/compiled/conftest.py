"""The compiled engine, where it was compiled."""

import pytest

from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import load


@pytest.fixture(scope="session")
def library():
    """The library for this processor."""
    found = load()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture(scope="session")
def compiled(library):
    """The engine that calls it."""
    return CompiledEngine(library)
