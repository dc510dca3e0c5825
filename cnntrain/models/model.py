"""A trained network, ready for raw data: what a checkpoint holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnntrain.config import Config, config_from_checkpoint
from cnntrain.data import Standardizer
from cnntrain.data.arrays import as_inputs
from cnntrain.data.checks import BAD, first_bad
from cnntrain.errors import CheckpointError, DataError, NotFoundError, UsageError
from cnntrain.experiment import build_network
from cnntrain.nn.network import Network
from cnntrain.runs import checkpoint_file as checkpoint
from cnntrain.runs import durable
from cnntrain.runs.directory import RunDirectory
from cnntrain.text import printable, shown_path
from cnntrain.training import state

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Model:
    """A network f(x, w) with its parameters w, as a checkpoint holds them.

    epoch         epochs trained
    class_names   None where the outputs are real numbers
    """

    path: Path
    network: Network
    w: Array
    config: Config
    epoch: int
    class_names: tuple[str, ...] | None
    standardizer: Standardizer
    split_hash: str

    def predict(self, raw: Array) -> Array:
        """Outputs (N, e) for raw inputs as in the data set: (N, H, W, C), or (N, C, H, W) where its
        axes are NCHW, (N, H, W) for one channel, or (N, d).

        Standardises with the statistics of the training part.  Raises DataError where shape or
        type do not fit, or values are so large that outputs are not finite.
        """
        outputs = self.network.predict(self.w, self._standardized(np.asarray(raw)))
        finite = np.isfinite(outputs).all(axis=1)
        if not finite.all():
            raise DataError(f"input {finite.argmin()} leads to outputs that are not finite")
        return outputs

    def _standardized(self, raw: Array) -> Array:
        axes = self.config.data.axis_order
        wanted = self.network.input_shape
        x = as_inputs(raw, axes, "the array")
        if x.ndim == 0 or x.shape[1:] != wanted or len(x) == 0:
            if axes == "NCHW" and len(wanted) == 3:
                wanted = (wanted[2], *wanted[:2])
            size = ", ".join(str(n) for n in wanted)
            raise DataError(f"inputs have shape {raw.shape}, expected (N, {size}) with N >= 1")
        if (bad := first_bad(x)) is not None:
            raise DataError(f"input {bad} holds {BAD}")
        return self.standardizer.standardize(x, self.network.dtype)


def load_checkpoint(path: str | Path) -> Model:
    """The model in a checkpoint file, or the best one of a run directory.

    Raises NotFoundError where there is none, CheckpointError where it is damaged.
    """
    file = checkpoint_path(Path(path))
    arrays, metadata = checkpoint.read(file)
    name = shown_path(file)
    try:
        config = config_from_checkpoint(metadata["config"])
        network = build_network(config, tuple(metadata["input_shape"]), metadata["outputs"])
        names = metadata["class_names"]
        return Model(
            path=file,
            network=network,
            w=state.parameters(network, arrays),
            config=config,
            epoch=metadata["epoch"],
            class_names=None if names is None else tuple(names),
            standardizer=Standardizer.from_json(metadata["standardizer"]),
            split_hash=metadata["split_sha256"],
        )
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise CheckpointError(f"{name}: not a checkpoint that fits: {printable(error)}") from None


def checkpoint_path(path: Path) -> Path:
    """The checkpoint that `path` names: itself, or the best one of a run directory."""
    if durable.is_folder(path):
        directory = RunDirectory.find(path)
        if directory.best not in directory.saved_checkpoints():
            raise NotFoundError(f"no run with a checkpoint in {shown_path(path)}")
        return directory.best
    return path
