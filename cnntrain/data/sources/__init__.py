"""The data sources, one a file."""

from cnntrain.data.sources.cifar import Cifar
from cnntrain.data.sources.csv import Csv
from cnntrain.data.sources.digits import Digits
from cnntrain.data.sources.idx import Idx
from cnntrain.data.sources.images import Images
from cnntrain.data.sources.npz import Npz
from cnntrain.data.sources.source import Source
from cnntrain.settings import Family

SOURCES: Family[Source] = Family(
    Digits,
    Idx,
    Npz,
    Csv,
    Cifar,
    Images,
)

__all__ = ["SOURCES", "Source"]
