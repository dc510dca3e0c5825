"""Data sets: reading, checking, splitting, standardising, batching."""

from cnntrain.data.batches import Batches
from cnntrain.data.dataset import Dataset
from cnntrain.data.formats.numpy_files import read_inputs
from cnntrain.data.load import load_dataset
from cnntrain.data.part import Part, PartSamples
from cnntrain.data.standardize import Standardizer

__all__ = [
    "Batches",
    "Dataset",
    "Part",
    "PartSamples",
    "Standardizer",
    "load_dataset",
    "read_inputs",
]
