"""Keys in the wrong place: where they belong."""

from __future__ import annotations

import pytest

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.misplaced import home
from cnntrain.config.messages.schema_text import Describer
from cnntrain.config.messages.synonyms import Vocabulary
from cnntrain.config.source.positions import KeyPath

SCHEMA = full_schema()


@pytest.mark.parametrize(
    ("path", "word", "found"),
    [
        ((), "validation", "data"),
        ((), "val_split", "data: validation"),
        ((), "test_size", "data: test"),
        ((), "path", "data"),
        ((), "weight_decay", "optimizer"),
        ((), "workers", "compute"),
        ((), "schedule", "learning_rate"),
        ((), "kernel_size", "layers: kernel"),
        ((), "min_delta", "early_stopping or learning_rate.on_plateau"),
        (("data",), "epochs", "the top level"),
        (("optimizer",), "lr", "the top level: learning_rate"),
        (("data",), "path", "source: npz or source: csv"),
        (("optimizer",), "beta1", "type: adam or type: adamw"),
        (("layers", 0), "units", "type: dense"),
        (("layers", 0, "init"), "std", "type: gaussian"),
        (("phases", 0, "learning_rate"), "milestones", "schedule: multistep"),
        (("data",), "name", "the top level or layers"),
    ],
)
def test_the_section_that_has_such_a_key_is_named(path: KeyPath, word: str, found: str) -> None:
    assert home(word, path, Describer(SCHEMA), Vocabulary(SCHEMA)) == f"a key of {found}"


def test_a_word_that_no_section_knows_has_no_home() -> None:
    assert home("zzz", (), Describer(SCHEMA), Vocabulary(SCHEMA)) is None
