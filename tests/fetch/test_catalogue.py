"""The catalogue of what can be fetched."""

import hashlib

from cnntrain.data.sources import SOURCES
from cnntrain.fetch import CATALOGUE


def test_every_entry_of_the_catalogue_is_complete():
    digests = [file.sha256 for entry in CATALOGUE.values() for file in entry.downloads]
    assert len(set(digests)) == len(digests) > 15
    for name, entry in CATALOGUE.items():
        assert name == entry.name and entry.addresses and entry.made
        for address in entry.addresses:
            assert address.startswith(("https://", "http://")) and not address.endswith("/")
        for file in entry.downloads:
            assert len(bytes.fromhex(file.sha256)) == len(hashlib.sha256().digest())
        SOURCES.validate({**entry.data, entry.place: "x"})
