"""All documents: what they name exists, what they show is well-formed, links lead somewhere."""

import ast
import re

import pytest
import yaml
from documents import (
    DOCUMENTS,
    NAMES,
    ROOT,
    anchors,
    blocks,
    commands,
    languages,
    links,
    prose,
    spans,
)
from readme import floors, reference, section, toys

from cnntrain.cli.main import cli
from cnntrain.config.reference import Reference

every_document = pytest.mark.parametrize("name", NAMES)
REFERENCE = Reference()
SECTIONS = list(REFERENCE.sections())
TAGS = {section.tag[0] for section in SECTIONS if section.tag[0]}
WORDS = {section.tag for section in SECTIONS if section.tag[1]}
KEYS = {entry.name for section in SECTIONS for entry in section.entries} | TAGS
TOP = {entry.name for entry in SECTIONS[0].entries}
PLACEHOLDERS = {"KEY", "KEY.KEY", "data.KEY"}
FILES = (".csv", ".json", ".py", ".yaml")


def spellings(parameters):
    """Every way to write an option of these: --flip and --no-flip."""
    return {
        option
        for parameter in parameters
        for option in [*parameter.opts, *parameter.secondary_opts]
    } | {"--help", "-h"}


def settings(value):
    """Every key of a part of a config with its value, wherever it stands."""
    if isinstance(value, dict):
        yield from value.items()
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from settings(inner)


def check_settings(part):
    for key, value in settings(part):
        assert key in KEYS, f"no key {key}"
        if key in TAGS:
            assert (key, value) in WORDS, f"no {key}: {value}"


@every_document
def test_links_lead_somewhere(name):
    folder = (ROOT / name).parent
    for link in links(DOCUMENTS[name]):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        path = folder / target if target else ROOT / name
        assert path.exists(), link
        if anchor:
            assert anchor in anchors(path.read_text(encoding="utf-8")), link


@every_document
def test_the_paths_named_exist(name):
    tops = ("configs/", "data/", "tests/", "cnntrain/", "nn/", "optim/")
    for span in spans(DOCUMENTS[name]):
        if span.startswith(tops) and re.fullmatch(r"[\w./-]+", span):
            path = span.removesuffix("NAME.py")  # a file that readers are to write
            assert (ROOT / path).exists() or (ROOT / "cnntrain" / path).exists(), span


@every_document
def test_the_commands_and_options_exist(name):
    for command, *words in commands(DOCUMENTS[name]):
        if command.startswith("-"):
            known = cli.params
        else:
            assert command in cli.commands, f"no command {command}"
            known = cli.commands[command].params
        options = spellings(known)
        for word in words:
            if re.match(r"--?[a-z]", word):
                assert word.split("=")[0] in options, f"cnntrain {command} has no {word}"


@every_document
def test_options_named_alone_belong_to_some_command(name):
    options = spellings(p for command in cli.commands.values() for p in command.params)
    for span in spans(DOCUMENTS[name]):
        if span.startswith("--"):
            assert span.split()[0].split("=")[0] in options, span


@every_document
def test_the_keys_that_are_set_exist(name):
    for _, *words in commands(DOCUMENTS[name]):
        for option, setting in zip(words, words[1:], strict=False):
            key, _, value = setting.partition("=")
            if option in {"--set", "--over"} and key not in PLACEHOLDERS:
                REFERENCE.find(re.sub(r"^(layers\.[a-z_]+)\d+", r"\1", key))
                if option == "--set" and value.startswith("{"):
                    check_settings(yaml.safe_load(value))


@every_document
def test_the_keys_named_exist(name):
    for span in spans(DOCUMENTS[name]):
        if span.endswith(FILES):
            continue
        if re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", span) and span.split(".")[0] in TOP:
            REFERENCE.find(span)
        elif re.match(r"\{[a-z]+:|[a-z_]+:( |$)", span):
            check_settings(yaml.safe_load(span))


@every_document
def test_blocks_of_code_are_well_formed(name):
    assert languages(DOCUMENTS[name]) <= {"sh", "bash", "console", "python", "text", "yaml"}
    for code in blocks(DOCUMENTS[name], "python"):
        ast.parse(code)
    for code in blocks(DOCUMENTS[name], "yaml"):
        check_settings(yaml.safe_load(code))


@every_document
def test_make_targets_exist(name):
    makefile = (ROOT / "Makefile").read_text()
    targets = [span for span in spans(DOCUMENTS[name]) if span.startswith("make ")]
    shown = re.findall(r"^make [a-z-]+", "".join(blocks(DOCUMENTS[name], "console")), re.MULTILINE)
    for target in [*targets, *shown]:
        assert f"\n{target.removeprefix('make ')}:" in makefile, target


def test_every_make_target_is_documented():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    text = "".join(DOCUMENTS.values())
    assert [name for name in phony.split() if f"make {name}" not in text] == ["clean"]


@every_document
def test_tables_have_as_many_cells_in_every_row(name):
    for rows in re.findall(r"(?:^\|.*\n)+", prose(DOCUMENTS[name]), flags=re.MULTILINE):
        assert len({row.count("|") for row in rows.splitlines()}) == 1, rows


def test_the_reference_is_current():
    assert section(DOCUMENTS["configs/README.md"], "reference") == reference(), "make readme"


def test_the_floors_are_current():
    assert section(DOCUMENTS["cnntrain/README.md"], "floors") == floors(), "make readme"


def test_the_toys_are_current():
    for name, content in toys().items():
        assert section(DOCUMENTS["cnntrain/README.md"], name) == content, "make readme"
