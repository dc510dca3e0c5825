"""Nothing that a file can hold escapes as anything but an error of cnntrain's own."""

import contextlib
import json
import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnntrain import CnntrainError, fit, load_checkpoint, load_config
from cnntrain.runs import checkpoint_file as checkpoint
from cnntrain.runs.directory import RunDirectory
from cnntrain.training.control.recorded import read_recorded
from cnntrain.training.control.requests import Control

from .conftest import CONFIG

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@given(data=st.data())
def test_configs(folder, data):
    """The text of a real config with a piece of it replaced."""
    start = data.draw(st.integers(0, len(CONFIG)))
    stop = data.draw(st.integers(start, min(start + 40, len(CONFIG))))
    piece = data.draw(st.text(max_size=12) | st.sampled_from(list("{}[],:&*!|>'\"%@`\n\t -")))
    path = folder / "config.yaml"
    path.write_text(
        CONFIG[:start] + piece + CONFIG[stop:], encoding="utf-8", errors="surrogatepass"
    )
    with contextlib.suppress(CnntrainError):
        load_config(path)


@given(data=st.data())
def test_values_in_configs(folder, data):
    """Every key with a value of any kind, from Python."""
    key = data.draw(
        st.sampled_from(["seed", "epochs", "data", "layers", "phases", "compute.chunk"])
    )
    path = folder / "config.yaml"
    path.write_text(CONFIG)
    with contextlib.suppress(CnntrainError):
        load_config(path, overrides={key: data.draw(values)})


@pytest.fixture(scope="module")
def written(folder):
    """Arrays and metadata of a real checkpoint."""
    (folder / "fault.yaml").write_text(CONFIG)
    config = load_config(folder / "fault.yaml", overrides={"epochs": 1})
    fit(config, run=folder / "run")
    (folder / "run" / "summary.json").unlink()  # so that it is not complete
    return checkpoint.read(folder / "run" / "checkpoints" / "last.safetensors")


@given(data=st.data())
def test_metadata_of_checkpoints(folder, written, data):
    """A right digest, and one entry, at any depth, that is something else: for those who read a
    checkpoint, and for a run that is to go on from it."""
    arrays, metadata = written
    metadata = json.loads(json.dumps(metadata))
    inside = metadata
    while True:
        key = data.draw(st.sampled_from(sorted(inside)))
        if not (isinstance(inside[key], dict) and inside[key] and data.draw(st.booleans())):
            break
        inside = inside[key]
    inside[key] = data.draw(values)
    resume(folder, arrays, metadata)


@given(data=st.data())
def test_arrays_of_checkpoints(folder, written, data):
    """One that is missing, or of another shape or type."""
    arrays, metadata = written
    name = data.draw(st.sampled_from(sorted(arrays)))
    others = [arrays[name][..., :1], arrays[name].ravel(), arrays[name].astype("i4"), None]
    other = data.draw(st.sampled_from(others))
    changed = {key: array for key, array in arrays.items() if key != name}
    resume(folder, changed if other is None else {**changed, name: other}, metadata)


def resume(folder, arrays, metadata):
    """Load a checkpoint, and go on from it in the run that it seems to be from."""
    run = folder / "copy"
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(folder / "run", run)
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    path = run / "checkpoints" / "epoch-0001.safetensors"
    with contextlib.suppress(ValueError):  # NaN, which no checkpoint can hold
        path.write_bytes(checkpoint.encode(arrays, metadata))
    with contextlib.suppress(CnntrainError):
        load_checkpoint(path)
    config = load_config(folder / "fault.yaml", overrides={"epochs": 1})
    with contextlib.suppress(CnntrainError):
        fit(config, run=run, resume=True)


@given(content=st.binary(max_size=200))
def test_bytes_of_checkpoints(content):
    for head in (b"", len(content).to_bytes(8, "little"), (2**63).to_bytes(8, "little")):
        with pytest.raises(CnntrainError):
            checkpoint.decode(head + content, "file")


@given(lines=st.lists(values.map(json.dumps) | st.text(max_size=20), max_size=4))
def test_events_and_summaries(folder, lines):
    directory = RunDirectory(folder)
    text = "\n".join(lines)
    for path in (directory.events, directory.summary):
        path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with contextlib.suppress(CnntrainError):
        read_recorded(directory.events)
    with contextlib.suppress(CnntrainError):
        directory.read_summary()


@given(content=st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
def test_requests(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("control")
    (folder / f"{1:020d}-0123abcd.json").write_bytes(content)
    Control(folder).due(0)
