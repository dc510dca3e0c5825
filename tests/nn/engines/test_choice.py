"""Which engine a config gets, with a compiled library and without."""

import os

import pytest

from cnntrain.nn.engines import choice
from cnntrain.nn.engines.choice import NoEngineError, engine


def test_numpy_is_there_always():
    assert engine("numpy", "im2col").name == "numpy"
    assert engine("numpy", "im2col").conv == "im2col"


def test_auto_is_the_compiled_one_where_there_is_a_library():
    found = choice.load()
    assert engine().name == ("numpy" if isinstance(found, str) else "compiled")


@pytest.mark.skipif(os.environ.get("CNNTRAIN_ENGINE") != "require", reason="it need not be there")
def test_the_engine_is_there_where_it_is_required():
    """So that the suite cannot pass on NumPy alone where it is meant to try the other, too."""
    assert engine().name == "compiled"


def test_without_a_library_auto_is_numpy_and_compiled_is_refused(monkeypatch):
    monkeypatch.setattr(choice, "load", lambda: "no C compiler")
    assert engine("auto").name == "numpy"
    assert engine("auto").library_text.endswith("there is no compiled engine: no C compiler")
    with pytest.raises(NoEngineError, match="no C compiler"):
        engine("compiled")


def test_a_config_that_asks_for_what_is_not_there(monkeypatch, digits, cnntrain):
    monkeypatch.setattr(choice, "load", lambda: "no C compiler")
    done = cnntrain("fit", digits, "--set", "compute.engine=compiled", "--run", "run")
    assert done.code == 2
    assert "compute.engine is compiled, and there is no compiled engine: no C compiler" in done.err
