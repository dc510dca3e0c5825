"""Where training begins: random numbers, or the parameters in a checkpoint (`start_from`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cnntrain.config import Config
from cnntrain.config.sections import StartFrom
from cnntrain.data import Dataset
from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.nn.network import Network
from cnntrain.nn.shapes import Array
from cnntrain.runs import checkpoint_file
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.durable import is_folder
from cnntrain.runs.reader import Run
from cnntrain.text import printable, shown_path
from cnntrain.training.foreign import by_name, state_dict

NAMES_SHOWN = 300  # characters of a list of names in a message


@dataclass(frozen=True)
class Origin:
    """What was loaded from a checkpoint, and what was not; arrays by name, such as "conv1/weight".

    file        the checkpoint; sha256 is its digest
    weights     "own", or "average" where its averages were loaded: the better ones
    loaded      found there with the shape that they have here
    new         not there, and hence what they would be without a checkpoint
    left        there, and not here
    misfits     there with another shape: not loaded either
    frozen      names of the layers that training leaves as they are
    data_sha256, split_sha256
                what it was trained on, as in run.json
    """

    file: Path
    sha256: str
    weights: str
    loaded: tuple[str, ...]
    new: tuple[str, ...]
    left: tuple[str, ...]
    misfits: tuple[str, ...]
    frozen: tuple[str, ...]
    data_sha256: str
    split_sha256: str

    def details(self) -> dict[str, Any]:
        """As run.json records it."""
        return {**asdict(self), "file": str(self.file)}

    def doubts(self, dataset: Dataset) -> Iterator[str]:
        """What is legal and probably a mistake in a training on `dataset`."""
        loaded = {name.rpartition("/")[0] for name in self.loaded}
        if random := [name for name in self.frozen if name not in loaded]:
            yield (
                f"start_from.freeze: nothing was loaded for {_listed(random)}, which stay as they "
                "were drawn at random"
            )
        if self.data_sha256 == dataset.fingerprint and self.split_sha256 != dataset.split_hash:
            yield (
                "start_from: the checkpoint was trained on the same data split otherwise: samples "
                "of the validation and test parts may be among those (take the same split)"
            )


def starting_point(network: Network, config: Config) -> tuple[Array, Array, Origin | None]:
    """w_0, the buffers beside it, and where they are from; None for random numbers.

    Raises NotFoundError where there is no checkpoint, CheckpointError where it is damaged or has
    nothing that fits.
    """
    w, buffers = network.initial_parameters(config.seed), network.initial_buffers()
    if config.origin is None:
        return w, buffers, None
    here = {**network.named_parameters(w), **network.named_buffers(buffers)}
    file, checkpoint = _read(config, config.origin)
    weights = "own"
    if isinstance(checkpoint, Checkpoint):
        weights = checkpoint.better_weights
        there = checkpoint.named_averages if weights == "average" else checkpoint.named_arrays
        record = checkpoint.record
        data, split, sha256 = record.data_sha256, record.split_sha256, record.sha256
    else:
        foreign, sha256 = checkpoint
        there, data, split = by_name(foreign, here), "", ""
    fitting = [name for name in here if name in there and here[name].shape == there[name].shape]
    if not any(name in network.named_parameters(w) for name in fitting):
        raise CheckpointError(
            f"{_place(config)}start_from: nothing in {shown_path(file)} fits this network: it "
            f"holds {_shapes(there)}, the network has {_shapes(here)} (name the layers alike)"
        )
    for name in fitting:
        here[name][...] = there[name]
    origin = Origin(
        file=file,
        sha256=sha256,
        weights=weights,
        loaded=tuple(fitting),
        new=tuple(name for name in here if name not in there),
        left=tuple(sorted(name for name in there if name not in here)),
        misfits=tuple(name for name in here if name in there and name not in fitting),
        frozen=tuple(network.names[k] for k in sorted(network.frozen)),
        data_sha256=data,
        split_sha256=split,
    )
    return w, buffers, origin


def digest(config: Config) -> str | None:
    """The digest of the checkpoint that `start_from` names now; None without one.

    Raises NotFoundError or CheckpointError as `starting_point` does.
    """
    if config.origin is None:
        return None
    found = _read(config, config.origin)[1]
    return found.record.sha256 if isinstance(found, Checkpoint) else found[1]


def _read(
    config: Config, origin: StartFrom
) -> tuple[Path, Checkpoint | tuple[dict[str, Array], str]]:
    """The checkpoint that `origin` names, or the best one of the run there, and its file; of a
    state_dict that PyTorch wrote its arrays and digest."""
    try:
        path = Path(origin.checkpoint)
        file = Run(path).best if is_folder(path) else path
        data, name = checkpoint_file.contents(file), shown_path(file)
        foreign = checkpoint_file.is_foreign(data)
        return file, state_dict(data, name) if foreign else Checkpoint.decode(data, name)
    except (CheckpointError, NotFoundError) as error:
        raise type(error)(f"{_place(config)}start_from: {error}") from None


def _place(config: Config) -> str:
    """Where it was given, to begin a message with."""
    place = config.place(("start_from", "checkpoint"))
    return f"{place}: " if place else ""


def _shapes(arrays: Mapping[str, Array]) -> str:
    return _listed([f"{name} {'x'.join(map(str, a.shape))}" for name, a in sorted(arrays.items())])


def _listed(names: list[str]) -> str:
    return printable(", ".join(names), NAMES_SHOWN)
