"""The data sources, one a file."""

from cnntrain.data.sources.cifar import Cifar
from cnntrain.data.sources.csv import Csv
from cnntrain.data.sources.digits import Digits
from cnntrain.data.sources.idx import Idx
from cnntrain.data.sources.images import Images
from cnntrain.data.sources.npz import Npz
from cnntrain.data.sources.source import Source
from cnntrain.data.sources.toy2d import Toy2d
from cnntrain.settings import Family

SOURCES: Family[Source] = Family(
    Digits,
    Idx,
    Npz,
    Csv,
    Cifar,
    Images,
    Toy2d,
)

__all__ = ["SOURCES", "Source"]
