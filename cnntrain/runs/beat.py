""".progress.json: how far a run under way has come within its epoch, for those who watch it."""

from __future__ import annotations

from pydantic import Field, ValidationError

from cnntrain.runs.records import Record

LENGTH = 512  # bytes: one write replaces all that an earlier one has left


class Beat(Record):
    """A sign of life.  The file is there while a process trains, and may be late by a moment.

    epoch, batch      number of the epoch, and of its last step; both from 1
    epochs, batches   how many there are to be of each
    step              steps taken since w_0
    learning_rate     of that step
    loss, error       means over the batches of the epoch so far; error None in a regression
    """

    epoch: int = Field(ge=1)
    epochs: int = Field(ge=1)
    batch: int = Field(ge=1)
    batches: int = Field(ge=1)
    step: int = Field(ge=1)
    learning_rate: float
    loss: float
    error: float | None

    def content(self) -> bytes:
        """The content of the file."""
        return self.model_dump_json().encode().ljust(LENGTH - 1) + b"\n"

    @classmethod
    def parse(cls, content: bytes) -> Beat | None:
        """The record in a file, None where it holds no such thing, or a part of one."""
        try:
            return cls.model_validate_json(content)
        except ValidationError:
            return None
