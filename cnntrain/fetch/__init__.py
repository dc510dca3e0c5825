"""Well-known data sets: where they are, what they must be, and how they become data of a config."""

from cnntrain.fetch.catalogue import CATALOGUE, DataSet, Download
from cnntrain.fetch.fetch import Fetched, fetch

__all__ = ["CATALOGUE", "DataSet", "Download", "Fetched", "fetch"]
