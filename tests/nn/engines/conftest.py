"""The compiled engine, where there is one or a compiler."""

import pytest

from cnntrain.nn.engines.compiled.build import BUILT, CannotCompile, build, compiler
from cnntrain.nn.engines.compiled.engine import CompiledEngine
from cnntrain.nn.engines.compiled.library import Library, load


@pytest.fixture(scope="session")
def libraries(tmp_path_factory):
    """The folder of the libraries for this kind of machine: those of the package, or compiled for
    these tests."""
    if isinstance(load(), Library):
        return BUILT
    try:
        compiler()
    except CannotCompile as error:
        pytest.skip(str(error))
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
