"""Where the data come from, one class a source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, Tag

from cnntrain.settings import Section
from cnntrain.settings.types import AnInteger, AReal, Count, OrNone, Seed, tagged, written

Fraction = Annotated[float, Field(gt=0, lt=1)]
_Share = Annotated[Fraction, AReal] | Annotated[Count, AnInteger]
Share = Annotated[_Share, tagged()]
ShareOrNone = OrNone[_Share]
FilePath = Annotated[str, Field(pattern=r"^[^\x00]+$", title="a path")]

PATHS = ("directory", "train_images", "train_labels", "test_images", "test_labels", "path")


MaybePath = Annotated[FilePath | None, written]
Validation = Annotated[
    ShareOrNone,
    Field(
        description="Validation part, taken from the training part and stratified by class: "
        "a fraction of it, or a number of samples."
    ),
]
Test = Annotated[
    ShareOrNone,
    Field(description="Test part where the files have none: a fraction, or a number of samples."),
]
SplitSeed = Annotated[
    Seed, Field(description="Which samples go to which part; does not depend on seed.")
]
Standardize = Annotated[
    Literal["none", "zero_to_one", "per_channel", "per_pixel"],
    Field(
        description="Inputs as they are, scaled to [0, 1], or with mean 0 and standard deviation "
        "1 in each channel or each pixel, by statistics of the training part."
    ),
]


class Digits(Section):
    """Handwritten digits that come with cnntrain: 1,797 images of 8 x 8, 10 classes."""

    source: Literal["digits"]
    validation: Validation = "none"
    test: Share = Field(
        default=0.2, description="Test part: a fraction of all samples, or a number of samples."
    )
    split_seed: SplitSeed = 0
    standardize: Standardize = "per_channel"


class Idx(Section):
    """Files in the format of MNIST, plain or compressed with gzip.

    Either `directory`, or the paths of the files themselves.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {
                    "required": ["directory"],
                    "properties": {
                        key: False for key in PATHS if key.endswith(("images", "labels"))
                    },
                },
                {
                    "required": ["train_images", "train_labels"],
                    "properties": {"directory": False},
                },
            ],
            "dependencies": {"test_images": ["test_labels"], "test_labels": ["test_images"]},
        }
    )

    source: Literal["idx"]
    directory: MaybePath = Field(
        default=None, description="Directory with train-images-idx3-ubyte[.gz] and its companions."
    )
    train_images: MaybePath = Field(default=None, description="Images of the training part.")
    train_labels: MaybePath = Field(default=None, description="Labels of the training part.")
    test_images: MaybePath = Field(default=None, description="Images of the test part.")
    test_labels: MaybePath = Field(default=None, description="Labels of the test part.")
    validation: Validation = "none"
    test: Test = "none"
    split_seed: SplitSeed = 0
    standardize: Standardize = "per_channel"


class Npz(Section):
    """Arrays x and y of a NumPy file; x_test, y_test, x_validation, y_validation if there."""

    source: Literal["npz"]
    path: FilePath = Field(description="The .npz file.")
    axes: Literal["NHWC", "NCHW"] = Field(
        default="NHWC", description="Order of the axes of x: channels last, or channels first."
    )
    validation: Validation = "none"
    test: Test = "none"
    split_seed: SplitSeed = 0
    standardize: Standardize = "per_channel"


AnyData = Annotated[
    Annotated[Digits, Tag("<digits>")]
    | Annotated[Idx, Tag("<idx>")]
    | Annotated[Npz, Tag("<npz>")],
    tagged("source"),
]
