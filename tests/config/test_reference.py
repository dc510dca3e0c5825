"""The reference knows every key of the schema, and finds what an address names."""

import pytest

from cnntrain.config import json_schema
from cnntrain.config.reference import Reference, markdown
from cnntrain.data.sources import SOURCES
from cnntrain.errors import UsageError

REFERENCE = Reference()
SECTIONS = list(REFERENCE.sections())
TEXT = markdown([], SECTIONS)


def properties(part):
    """Every key of the schema with its description, wherever it stands."""
    if isinstance(part, list):
        for entry in part:
            yield from properties(entry)
    elif isinstance(part, dict):
        for key, value in part.get("properties", {}).items():
            if isinstance(value, dict) and "const" not in value and key != "$schema":
                yield key, " ".join(value.get("description", "").split())
        for value in part.values():
            yield from properties(value)


def test_every_key_of_the_schema_is_there_with_its_description():
    shown = {(entry.name, entry.about) for section in SECTIONS for entry in section.entries}
    described = {(key, about) for key, about in properties(json_schema()) if about}
    assert described <= shown
    assert all(entry.about and entry.value for section in SECTIONS for entry in section.entries)


def test_every_address_leads_to_what_is_shown_under_it():
    for section in SECTIONS:
        if section.tag[1]:
            entries, (found,) = REFERENCE.find(section.address)
            assert entries == []
            assert (found.address, found.about) == (section.address, section.about)
            assert set(section.entries) <= set(found.entries)
        for entry in section.entries:
            assert entry in REFERENCE.find(entry.address)[0]


def test_no_two_sections_have_the_same_heading():
    headings = [line for line in TEXT.splitlines() if line.startswith("####")]
    assert len(headings) == len(set(headings)) == len(SECTIONS)


@pytest.mark.parametrize(
    ("address", "entries", "sections"),
    [
        ("batch_size", ["batch_size"], []),
        ("layers.conv.padding", ["layers.conv.padding"], []),
        ("layers.conv", [], ["layers.conv"]),
        ("data", ["data"], [f"data.{word}" for word in SOURCES.kinds]),
        ("early_stopping", ["early_stopping"], ["early_stopping"]),
        ("learning_rate.on_plateau.factor", ["learning_rate.on_plateau.factor"], []),
        ("phases.learning_rate.cosine", [], ["phases.learning_rate.cosine"]),
        ("layers.init.gaussian", [], ["layers.init.gaussian"]),
        ("layers.name", ["layers.name"], []),
    ],
)
def test_an_address_is_a_key_or_a_mapping(address, entries, sections):
    found = REFERENCE.find(address)
    assert [entry.address for entry in found[0]] == entries
    assert [section.address for section in found[1]] == sections


def test_a_key_that_means_several_things_is_shown_once_for_each_mapping():
    entries, _ = REFERENCE.find("optimizer.momentum")
    defaults = {entry.address: entry.default for entry in entries}
    assert defaults["optimizer.sgd.momentum"] == "0.0"
    assert defaults["optimizer.nesterov.momentum"] == "0.9"


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("layer", "layers"),
        ("lr", "learning_rate"),  # a word of other tools
        ("layers.Conv2d", "layers.conv"),
        ("layers.conv.pad", "layers.conv.padding"),
        ("layers.conv.conv", "layers.conv"),
        ("padding", "layers.conv.padding"),  # what stands further inside
        ("cosine", "learning_rate.cosine"),
        ("optimizer.adm", "optimizer.adam"),
    ],
)
def test_an_unknown_address_suggests_the_nearest(address, meant):
    message = rf"the config has no key {address} \(did you mean {meant}\?\)"
    with pytest.raises(UsageError, match=f"^{message}$"):
        REFERENCE.find(address)


@pytest.mark.parametrize(
    "address", ["xyzzy", "layers.", "early_stopping.", ".", "", "a..b", "\x1b[2J"]
)
def test_what_resembles_nothing_points_to_the_whole_reference(address):
    with pytest.raises(UsageError, match="cnntrain reference prints all of them") as error:
        REFERENCE.find(address)
    assert "\x1b" not in str(error.value)


def test_the_reference_has_every_key_and_a_table_for_every_section():
    lines = TEXT.splitlines()
    schema = json_schema()
    for name, section in [("Config", schema), *schema["definitions"].items()]:
        for key, part in section.get("properties", {}).items():
            if "const" in part:
                words = ("he_normal", "glorot_uniform", "zeros")
                assert part["const"] in words or any(
                    line.startswith("####") and f"`{key}: {part['const']}`" in line
                    for line in lines
                ), (name, key)
            elif key != "$schema":
                assert any(line.startswith(f"| `{key}` |") for line in lines), (name, key)
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5}


def test_the_reference_gives_values_defaults_and_meanings():
    text = markdown([], list(Reference().sections()))
    assert text == TEXT
    assert (
        "| `patience` | an integer >= 1 | `5` | Epochs in a row without improvement after which "
        "training stops. |" in text
    )
    assert "| `epochs` | an integer >= 1 | required |" in text
    assert "| `learning_rate` | a number > 0, none or a mapping with schedule: constant, " in text
