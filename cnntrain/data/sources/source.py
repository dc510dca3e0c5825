"""Data sources: settings, and the samples that they describe."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import Field

from cnntrain.data.examples import RawData
from cnntrain.data.standardize import Standardization
from cnntrain.settings import Described, Section, setting
from cnntrain.settings.types import (
    LARGEST,
    AMapping,
    AnInteger,
    AReal,
    Count,
    OrNone,
    Seed,
    Whole,
    tagged,
    written,
)

Fraction = Annotated[float, Field(gt=0, lt=1)]
_Share = Annotated[Fraction, AReal] | Annotated[Count, AnInteger]
Share = Annotated[_Share, tagged()]
ShareOrNone = OrNone[_Share]
TEST_ALSO = "testfraction testsize testsplit"

Axes = Literal["NHWC", "NCHW", "NLC", "NCL"]  # of images, and of signals of length L
NO_NUL = r"^[^\x00]+$"


class APath:
    """Marks the settings that are paths, unless they are one of some words."""

    def __init__(self, *words: str) -> None:
        self.words = words


FilePath = Annotated[str, Field(pattern=NO_NUL, title="a path"), APath()]
OptionalPath = Annotated[FilePath | None, written]
Name = Annotated[str, Field(pattern=NO_NUL, title="none, or a name")]


class Fold(Section):
    """One of several equal shares of the training part, which is the validation part of a
    k-fold cross-validation; each is stratified by class."""

    of: Annotated[int, Field(ge=2, le=LARGEST)] = setting(
        "Into how many folds the training part is divided.", also="folds k nfolds nsplits splits"
    )
    index: Whole = setting("Which of them is the validation part, from 0.", 0, also="fold")


class Source(Described):
    """One way to get at samples: the files they are read from and how these become parts.

    of_training           the settings that only training depends on, and no evaluation
    may_hold_validation   whether the files may bring a validation part of their own, which shows
                          only when they are read
    may_hold_groups       whether samples may come with the group that they belong to, which `read`
                          takes from what the files call `group`
    """

    tag = "source"
    shared = ("validation", "fold", "test", "group", "split_seed", "standardize")
    of_training: ClassVar[tuple[str, ...]] = ("standardize",)
    may_hold_validation: ClassVar[bool] = True
    may_hold_groups: ClassVar[bool] = True

    validation: ShareOrNone = setting(
        "Validation part, taken from the training part and stratified by class: a fraction of it, "
        "or a number of samples.",
        "none",
        also="val valfraction valid valsize valsplit validationfraction validationsize "
        "validationsplit",
    )
    fold: OrNone[Annotated[Fold, AMapping]] = setting(
        "Cross-validation: the validation part is one of equal shares of the training part.",
        "none",
        also="crossvalidation cv kfold folds",
    )
    test: ShareOrNone = setting(
        "Test part where the files have none: a fraction, or a number of samples.",
        "none",
        also=TEST_ALSO,
    )
    group: Name = setting(
        "What tells which samples belong together, such as all of one patient: the name of a "
        "column or an array. No group is divided when parts are split off.",
        "none",
        also="groupby groups groupcolumn",
    )
    split_seed: Seed = setting("Which samples go to which part; does not depend on seed.", 0)
    standardize: Standardization = setting(
        "Inputs as they are, scaled to [0, 1], or with mean 0 and standard deviation 1 in each "
        "channel or each pixel, by statistics of the training part.",
        "per_channel",
        also="normalise normalization normalize preprocessing",
    )

    @abstractmethod
    def read(self) -> RawData:
        """All samples, in the parts that the files have.  Raises DataError."""

    @property
    def axis_order(self) -> Axes:
        """The order in which the raw images that people hand over have their axes."""
        return "NHWC"

    @classmethod
    def path_keys(cls) -> list[str]:
        """The settings that are paths of files or directories."""
        return [key for key in cls.model_fields if cls._path_mark(key) is not None]

    @classmethod
    def is_path(cls, key: str, value: object) -> bool:
        """Whether `value` at `key` is a path, and not one of the words that may stand there."""
        mark = cls._path_mark(key) if key in cls.model_fields else None
        return mark is not None and value not in mark.words

    @classmethod
    def _path_mark(cls, key: str) -> APath | None:
        field = cls.model_fields[key]
        return next((m for part in (field.annotation, *field.metadata) for m in _marks(part)), None)

    @classmethod
    def problems(cls, values: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
        """How plain `values`, which may be wrong in other ways, do not fit together: the key at
        fault, or None for the section as a whole, and a message."""
        yield from ()


def _marks(annotation: Any) -> Iterator[APath]:
    """The marks of paths in an annotation."""
    if isinstance(annotation, APath):
        yield annotation
    for part in get_args(annotation):
        yield from _marks(part)
