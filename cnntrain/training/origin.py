"""Where training begins: random numbers, or the parameters in a file (`start_from`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cnntrain.config import Config
from cnntrain.data import Dataset
from cnntrain.errors import CheckpointError, NotFoundError
from cnntrain.nn.network import Network
from cnntrain.nn.shapes import Array, Shape
from cnntrain.text import printable, shown_path
from cnntrain.training.matching import Matching, fits, matching
from cnntrain.training.weights_file import WeightsFile, read

NAMES_SHOWN = 300  # characters of a list of names in a message


@dataclass(frozen=True)
class Move:
    """An array of the file, and the one of the network that it becomes: names, such as
    "conv1/weight", and shapes, None where there is no such array; `fits`: whether it was loaded."""

    there: str | None
    here: str | None
    there_shape: Shape | None
    here_shape: Shape | None
    fits: bool


@dataclass(frozen=True)
class Origin:
    """What was loaded from a file, and what was not.

    by          whether arrays were found by "name" or by "order"
    moves       all arrays of the network, layer by layer, and then those of the file that have no
                place in it
    frozen      names of the layers that training leaves as they are
    unsure      what of an order may be otherwise
    """

    source: WeightsFile
    by: str
    moves: tuple[Move, ...]
    frozen: tuple[str, ...]
    unsure: str | None = None

    @property
    def loaded(self) -> tuple[str, ...]:
        """Names of the arrays here that were found there with the shape that they have here."""
        return tuple(move.here for move in self.moves if move.here and move.fits)

    @property
    def new(self) -> tuple[str, ...]:
        """Names of those not there, and hence what they would be without a file."""
        return tuple(move.here for move in self.moves if move.here and not move.there)

    @property
    def left(self) -> tuple[str, ...]:
        """Names of those there, and not here."""
        return tuple(move.there for move in self.moves if move.there and not move.here)

    @property
    def misfits(self) -> tuple[str, ...]:
        """Names of those there with another shape: not loaded either."""
        found = (move for move in self.moves if move.there and not move.fits)
        return tuple(move.here for move in found if move.here)

    def details(self) -> dict[str, Any]:
        """As run.json records it."""
        source = self.source
        return {
            "file": str(source.file.absolute()),
            "sha256": source.sha256,
            "weights": source.weights,
            "by": self.by,
            "loaded": self.loaded,
            "new": self.new,
            "left": self.left,
            "misfits": self.misfits,
            "frozen": self.frozen,
            "data_sha256": source.data_sha256,
            "split_sha256": source.split_sha256,
        }

    def doubts(self, dataset: Dataset) -> Iterator[str]:
        """What is legal and probably a mistake in a training on `dataset`."""
        loaded, source = {layer_of(name) for name in self.loaded}, self.source
        if random := [name for name in self.frozen if name not in loaded]:
            yield (
                f"start_from.freeze: nothing was loaded for {_listed(random)}: frozen as drawn at "
                "random"
            )
        if source.data_sha256 == dataset.fingerprint and source.split_sha256 != dataset.split_hash:
            yield (
                "start_from: the checkpoint was trained on the same data split otherwise: samples "
                "of the validation and test parts may be among those (take the same split)"
            )
        if self.unsure is not None:
            yield f"{shown_path(source.file)}: {self.unsure}"
        if source.standardizes_otherwise(dataset):
            yield (
                f"{shown_path(source.file)}: its mean and std of raw inputs are not those that "
                "data.standardize takes from the data here: answers will be others"
            )


def starting_point(network: Network, config: Config) -> tuple[Array, Array, Origin | None]:
    """w_0, the buffers beside it, and where they are from; None for random numbers.

    Raises NotFoundError where there is no file, CheckpointError where it is damaged or has nothing
    that fits.
    """
    w, buffers = network.initial_parameters(config.seed), network.initial_buffers()
    if config.origin is None:
        return w, buffers, None
    with _placed(config):
        origin = load(network, w, buffers, Path(config.origin.checkpoint))
        if not network.named_parameters(w).keys() & set(origin.loaded):
            raise CheckpointError(
                f"nothing in {shown_path(origin.source.file)} fits this network: it holds "
                f"{_there(origin)}, the network has {_here(origin)} (name the layers alike)"
            )
    return w, buffers, origin


def load(network: Network, w: Array, buffers: Array, path: Path, whole: bool = False) -> Origin:
    """Let `w` and `buffers` be what a file, or the best checkpoint of a run, holds for them.

    whole   whether nothing may be missing (see `matching`); whether anything is, the caller sees

    Raises NotFoundError where there is no file, CheckpointError where it is damaged.
    """
    here = {**network.named_parameters(w), **network.named_buffers(buffers)}
    here = {
        name: here[name] for name in sorted(here, key=lambda n: network.names.index(layer_of(n)))
    }
    source, there = read(path)
    found = matching(there, here, whole) if source.foreign else _of_checkpoint(there, here)
    moves = [
        *(_move(found.names.get(name), name, there, here) for name in here),
        *(_move(name, None, there, here) for name in found.left),
    ]
    for move in moves:
        if move.fits and move.here and move.there:
            array = here[move.here]
            with np.errstate(over="ignore"):
                array[...] = there[move.there].reshape(array.shape)
            if not np.isfinite(array).all():
                raise CheckpointError(
                    f"{shown_path(source.file)}: {printable(move.there)} has values that are not "
                    f"finite in {array.dtype}"
                )
    frozen = tuple(network.names[k] for k in sorted(network.frozen))
    return Origin(source, found.by, tuple(moves), frozen, found.unsure)


def digest(config: Config) -> str | None:
    """The digest of the file that `start_from` names now; None without one.

    Raises NotFoundError or CheckpointError as `starting_point` does.
    """
    if config.origin is None:
        return None
    with _placed(config):
        return read(Path(config.origin.checkpoint))[0].sha256


def _of_checkpoint(there: Mapping[str, Array], here: Mapping[str, Array]) -> Matching:
    """The same names mean the same."""
    names = {name: name for name in here if name in there}
    return Matching("name", names, tuple(sorted(there.keys() - names.keys())))


def _move(
    there: str | None, here: str | None, arrays: Mapping[str, Array], own: Mapping[str, Array]
) -> Move:
    one = None if there is None else arrays[there]
    other = None if here is None else own[here]
    return Move(
        there,
        here,
        None if one is None else one.shape,
        None if other is None else other.shape,
        one is not None and other is not None and fits(one, other.shape),
    )


def layer_of(name: str) -> str:
    """The layer that an array such as "block1/conv1/weight" belongs to."""
    return name.rpartition("/")[0]


@contextmanager
def _placed(config: Config) -> Iterator[None]:
    """Let messages begin with where the file was given."""
    try:
        yield
    except (CheckpointError, NotFoundError) as error:
        place = config.place(("start_from", "checkpoint"))
        raise type(error)(
            f"{place}: start_from: {error}" if place else f"start_from: {error}"
        ) from None


def _there(origin: Origin) -> str:
    return _listed([f"{m.there} {sizes(m.there_shape)}" for m in origin.moves if m.there])


def _here(origin: Origin) -> str:
    return _listed([f"{m.here} {sizes(m.here_shape)}" for m in origin.moves if m.here])


def sizes(shape: Shape | None) -> str:
    """A shape as text, such as "4x1x3x3"; "-" without one."""
    return "-" if shape is None else "x".join(map(str, shape)) or "1"


def _listed(names: list[str]) -> str:
    return printable(", ".join(names), NAMES_SHOWN)
