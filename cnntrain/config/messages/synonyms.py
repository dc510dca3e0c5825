"""The words that other tools and papers use, which no edit distance finds.

Those for keys and kinds are written beside them, as `also`, and arrive here with the schema.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnntrain.config.messages.schema_text import tag_of
from cnntrain.settings.section import ALSO, WORDS_ALSO
from cnntrain.text import nearest

# For plain values, which have no place of their own: the words elsewhere by the word here.
VALUES = {
    "NCHW": "channelsfirst",
    "NHWC": "channelslast",
    "auto": "none",
    "float32": "single",
    "float64": "double",
    "full": "all",
    "none": "false no null off",
    "same": "half",
    "type": "kind layer",
    "valid": "none",
    "validation_error": "accuracy error valacc valaccuracy",
    "validation_loss": "loss valloss",
}

# Keys for what a config need not say, or says otherwise.
REMARKS = {
    "activation": "a layer of its own: {type: relu}",
    "inchannels": "not needed: computed from the input",
    "infeatures": "not needed: computed from the input",
    "inputshape": "not needed: computed from the data",
    "inputsize": "not needed: computed from the data",
    "numclasses": "not needed: computed from the data",
}

# What other tools have and cnntrain has not, where another thing is spelt alike: no misspelling.
ELSEWHERE = (
    "adadelta adamax bfloat16 celu float16 instancenorm int8 logsoftmax nadam prelu radam relu6 "
    "rrelu selu softmin softplus softsign sparsemax uint8"
)


class Vocabulary:
    """What the words of other tools mean.

    words   those words, lower case without `_` and `-`, by the word here
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.words: dict[str, set[str]] = {word: set(also.split()) for word, also in VALUES.items()}
        for word, also in _declared(schema):
            self.words.setdefault(word, set()).update(also)

    def counterpart(self, word: str, known: Iterable[str]) -> str | None:
        """The entry of `known` that `word` is, or stands for elsewhere."""
        choices, plain = list(known), _plain(word)
        same = (choice for choice in choices if plain == _plain(choice))
        other = (choice for choice in choices if plain in self.words.get(choice, ()))
        return next(same, None) or next(other, None)

    def meaning(self, word: str, known: Iterable[str]) -> str | None:
        """The entry of `known` that `word` was probably meant to be."""
        choices = list(known)
        return self.counterpart(word, choices) or self.nearest(word, choices)

    def nearest(self, word: str, known: Iterable[str]) -> str | None:
        """The entry of `known` that `word` is probably misspelt for; None for a word that means
        something else."""
        return None if _plain(word) in ELSEWHERE.split() else nearest(word.lower(), known)

    def remark(self, word: str) -> str | None:
        """A remark on a key that has no counterpart where it stands."""
        return REMARKS.get(_plain(word))


def _declared(schema: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Keys and kinds with what they are called elsewhere, from everywhere in the schema."""
    for key, part in schema.get("properties", {}).items():
        if isinstance(part, Mapping) and ALSO in part:
            yield key, part[ALSO]
    yield from schema.get(WORDS_ALSO, {}).items()
    if ALSO in schema and "properties" in schema and (tag := tag_of(schema)):
        yield tag[1], schema[ALSO]
    for value in schema.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, Mapping):
                yield from _declared(part)


def _plain(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "").replace(" ", "")
