"""From a checkpoint to a model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from cnntrain.config import Config, Overrides, config_from_checkpoint, override
from cnntrain.data import Standardizer
from cnntrain.data.input_range import InputRange
from cnntrain.errors import CheckpointError, UsageError
from cnntrain.experiment import build_network
from cnntrain.models.model import Model
from cnntrain.runs.checkpoint import Checkpoint
from cnntrain.runs.reader import Run
from cnntrain.storage.disk import is_folder
from cnntrain.text import argument, printable, shown_path


def load_model(
    path: str | Path,
    weights: Literal["auto", "own", "average"] = "auto",
    *,
    flip: bool | None = None,
) -> Model:
    """The model in a checkpoint file, or in the best checkpoint of a run directory.

    weights   w itself (own) or its average over the steps, which runs with `average` keep; auto:
              the better one by the validation part at the end of the checkpoint's last epoch
    flip      whether outputs are averaged over each image and its mirror image; None: as the config
              says that it was trained with (`evaluate`)

    >>> model = cnntrain.load_model("runs/digits")
    >>> model.epoch <= 2, model.class_names[:3]
    (True, ('0', '1', '2'))

    Raises NotFoundError where there is none, CheckpointError where it is damaged, UsageError where
    it takes vectors, which have no mirror image, or holds no average that was asked for.
    """
    file = Run(path).best if is_folder(Path(path)) else Path(path)
    checkpoint = Checkpoint.read(file)
    record = checkpoint.record
    if weights == "average" and not checkpoint.named_averages:
        raise UsageError(f"{shown_path(file)} holds no average of w (its run has average: none)")
    taken = checkpoint.better_weights if weights == "auto" else weights
    try:
        config = config_from_checkpoint(record.config)
        network = build_network(config, record.input_shape, record.outputs, record.class_weights)
        w, buffers = checkpoint.vectors(network, taken)
        model = Model(
            path=file,
            network=network,
            w=w,
            buffers=buffers,
            weights=taken if checkpoint.named_averages else None,
            config=config,
            epoch=record.epoch,
            class_names=record.class_names,
            standardizer=Standardizer.from_json(record.standardizer.model_dump()),
            data_hash=record.data_sha256,
            split_hash=record.split_sha256,
            inputs=None if record.inputs is None else InputRange(**record.inputs.model_dump()),
            flip=config.evaluate.flip if flip is None else flip,
            row=None if record.within_epoch else record.row,
        )
    except (KeyError, TypeError, ValueError, UsageError) as error:
        raise CheckpointError(
            f"{shown_path(file)}: not a checkpoint that fits: {printable(error)}"
        ) from None
    if model.flip and len(model.network.input_shape) != 3:
        raise UsageError(
            f"{shown_path(file)} takes vectors, which have no mirror image "
            f"(leave out {argument('flip', True)})"
        )
    return model


def checkpoint_config(path: Path, overrides: Overrides | None = None) -> Config:
    """The config that a checkpoint file was made with, with other values at some keys.

    Raises NotFoundError where there is no file, CheckpointError where it is no checkpoint,
    ConfigError where the overrides are wrong.
    """
    record = Checkpoint.read(path).record
    try:
        config = config_from_checkpoint(record.config)
    except ValueError as error:
        raise CheckpointError(f"{shown_path(path)}: not a config: {printable(error)}") from None
    return override(config, overrides) if overrides else config


load_checkpoint = load_model  # its name in version 0.1
