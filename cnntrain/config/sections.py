"""The sections `start_from`, `evaluate`, `checkpoint` and `compute`: what a run begins with, how a
network is measured, what is kept of a run, and how it is computed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from cnntrain.data.sources.source import NO_NUL, FilePath
from cnntrain.settings import Doubt, Section, setting
from cnntrain.settings.types import AnInteger, Auto, Count, OrNone, from_list

NoneOrPath = Annotated[str, Field(pattern=NO_NUL, title="none, a path")]
Pattern = Annotated[str, Field(min_length=1, title="a name or a pattern of names")]


class StartFrom(Section):
    """w_0 from a checkpoint, or from weights that PyTorch trained, instead of random numbers, to
    train on (fine-tuning). Arrays go to the layers of the same names where the shapes are the same;
    those of PyTorch, if none is named as one here, by order as far as they fit (see cnntrain
    import-weights --help). What was loaded and what was not is shown, and recorded in run.json.
    Running statistics of frozen layers stay as they are, too."""

    plain = "checkpoint"

    checkpoint: FilePath = setting(
        "A checkpoint, or a run: its best one, or a state_dict of PyTorch as safetensors. It is "
        "read once, when the run begins.",
        also="checkpointpath file path pretrained resumefrom run weights",
    )
    freeze: Annotated[
        tuple[Pattern, ...], Field(title="a list of names or patterns"), from_list
    ] = setting(
        "Layers, or blocks of layers, that training leaves as they are, by names in which * stands "
        "for any letters.",
        (),
        also="fixed freezelayers frozen",
    )


class Evaluate(Section):
    """How a network is measured, and how it predicts."""

    flip: bool = setting(
        "Whether outputs are averaged over each image and its mirror image, left and right "
        "changed, or each signal and its reverse: in compare, and in evaluate and predict without "
        "--flip or --no-flip.",
        False,
        also="mirror testtimeaugmentation tta",
    )
    in_training: bool = setting(
        "Whether flip holds for the measurements at the end of each epoch, too, such as "
        "validation_loss.",
        False,
    )

    @property
    def flips_in_training(self) -> bool:
        """Whether the columns of metrics.csv are those of averaged outputs."""
        return self.flip and self.in_training

    def doubts(self, epochs: int) -> Iterator[Doubt]:
        if self.in_training and not self.flip:
            yield "in_training", "has no effect without flip: true"


class Checkpoint(Section):
    """Which checkpoints are written besides that of each epoch, and which stay."""

    every_steps: OrNone[Annotated[Count, AnInteger]] = setting(
        "Write one every so many steps, too; the newest stays.", "none"
    )
    keep: Count = setting("Number of most recent epoch checkpoints kept beside the best.", 3)


class Compute(Section):
    """How the computation is done. workers changes no result; engine, chunk and conv change the
    last bits."""

    dtype: Literal["float32", "float64"] = setting("Type of the numbers.", "float32")
    engine: Literal["auto", "numpy", "compiled"] = setting(
        "What computes the layers, which changes their last bits: NumPy, or the engine that was "
        "compiled when cnntrain was installed; auto: the latter where there is one.",
        "auto",
    )
    workers: Auto = setting(
        "Threads; auto: one a usable core.", "auto", also="njobs numworkers threads"
    )
    chunk: Auto = setting(
        "Samples that go through the network together; auto: by the batch size and the layers.",
        "auto",
    )
    conv: Literal["auto", "im2col", "winograd"] = setting(
        "How convolutions are computed, which changes their last bits; auto: by the layer. "
        "winograd is for kernels of 3 x 3 at stride 1, others take im2col.",
        "auto",
    )
