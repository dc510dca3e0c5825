"""Words of other tools."""

from __future__ import annotations

import pytest

from cnntrain.config.draft7 import full_schema
from cnntrain.config.messages.synonyms import REMARKS, Vocabulary

SCHEMA = full_schema()
SECTIONS = {
    "Config": SCHEMA,
    **{name: part for name, part in SCHEMA["definitions"].items() if "properties" in part},
}
WORDS = Vocabulary(SCHEMA)


def keys(section: str) -> list[str]:
    return list(SECTIONS[section]["properties"])


@pytest.mark.parametrize(
    ("section", "word", "meant"),
    [
        ("Config", "lr", "learning_rate"),
        ("Config", "LR", "learning_rate"),
        ("Config", "learningRate", "learning_rate"),
        ("Config", "max_epochs", "epochs"),
        ("Config", "num_epochs", "epochs"),
        ("Config", "batch", "batch_size"),
        ("Config", "bs", "batch_size"),
        ("Config", "random_seed", "seed"),
        ("Config", "criterion", "loss"),
        ("Conv", "kernel_size", "kernel"),
        ("Conv", "out_channels", "filters"),
        ("Conv", "num_filters", "filters"),
        ("Conv", "strides", "stride"),
        ("Conv", "pad", "padding"),
        ("MaxPool", "pool_size", "window"),
        ("MaxPool", "kernel_size", "window"),
        ("Dense", "out_features", "units"),
        ("Dense", "num_outputs", "units"),
        ("Dense", "neurons", "units"),
        ("Digits", "val_split", "validation"),
        ("Digits", "validation_split", "validation"),
        ("Step", "gamma", "factor"),
        ("Step", "step_size", "every"),
        ("Conv", "filtres", "filters"),
        ("Digits", "val_fraction", "validation"),
        ("Config", "max_iter", "epochs"),
        ("Conv", "zzz", None),
    ],
)
def test_a_key_of_another_tool_is_understood(section: str, word: str, meant: str | None) -> None:
    assert WORDS.meaning(word, keys(section)) == meant


@pytest.mark.parametrize(
    ("choices", "word", "meant"),
    [
        (["conv", "relu", "dense", "max_pool"], "Linear", "dense"),
        (["conv", "relu", "dense", "max_pool"], "fc", "dense"),
        (["conv", "relu", "dense", "max_pool"], "fully_connected", "dense"),
        (["conv", "relu", "dense", "max_pool"], "Conv2d", "conv"),
        (["conv", "relu", "dense", "max_pool"], "Convolution", "conv"),
        (["conv", "relu", "dense", "max_pool"], "MaxPool2d", "max_pool"),
        (["conv", "relu", "dense", "max_pool"], "maxpool", "max_pool"),
        (["conv", "relu", "dense", "max_pool"], "ReLU", "relu"),
        (["cross_entropy", "quadratic"], "mse", "quadratic"),
        (["cross_entropy", "quadratic"], "CrossEntropyLoss", "cross_entropy"),
        (["cross_entropy", "quadratic"], "nll", "cross_entropy"),
        (["sgd"], "SGD", "sgd"),
    ],
)
def test_a_value_of_another_tool_is_understood(choices: list[str], word: str, meant: str) -> None:
    assert WORDS.meaning(word, choices) == meant


@pytest.mark.parametrize(
    "word",
    ["avg_pool", "average_pool", "batch_norm", "dropout", "celu", "nadam", "he_uniform", "float16"],
)
def test_a_word_for_what_does_not_exist_is_no_misspelling(word: str) -> None:
    choices = ["conv", "relu", "max_pool", "dense", "softmax", "adam", "he_normal", "float64"]
    assert WORDS.meaning(word, choices) is None


def test_words_without_a_counterpart_get_a_remark() -> None:
    assert WORDS.remark("activation") == "a layer of its own: {type: relu}"
    assert WORDS.remark("in_channels") == "not needed: computed from the input"
    assert WORDS.remark("zzz") is None


def test_every_word_stands_for_something_that_the_schema_knows() -> None:
    known = {key for section in SECTIONS for key in keys(section)}
    text = str(SCHEMA)
    assert [word for word in WORDS.words if word not in known and f"'{word}'" not in text] == []
    spelt = [word for words in WORDS.words.values() for word in words] + list(REMARKS)
    assert [word for word in spelt if word != word.lower() or "_" in word or "-" in word] == []
