"""cnntrain/README.md: the tree that it shows is the one there is."""

import re
import subprocess

from documents import DOCUMENTS, ROOT, blocks

(TREE,) = [block for block in blocks(DOCUMENTS["cnntrain/README.md"], "text") if "nn/ " in block]

TOP = {
    *(".ci", ".gitignore", "LICENSE", "Makefile", "README.md", "pyproject.toml"),
    *("cnntrain", "configs", "data", "tests"),
}


def test_the_top_level_is_the_one_agreed_on():
    """Nothing that a tool leaves behind is part of the project."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
    assert {path.partition("/")[0] for path in listed.stdout.splitlines()} == TOP


def shown():
    """The paths in the tree, relative to the top level."""
    parents: list[str] = []
    for line in TREE.splitlines():
        indent, name = re.match(r"( *)([\w./]+)", line).groups()
        parents[len(indent) // 2 :] = [name]
        yield "".join(parents)


def test_what_the_tree_shows_exists():
    for path in shown():
        assert (ROOT / path).exists(), path


def test_every_package_is_in_the_tree():
    packages = {path.parent for path in (ROOT / "cnntrain").rglob("__init__.py")}
    below = {f"{path.relative_to(ROOT)}/" for path in packages}
    engines = {path for path in below if path.startswith("cnntrain/nn/engines/")}  # on its line
    assert below - engines - {"cnntrain/nn/engines/"} <= set(shown())
