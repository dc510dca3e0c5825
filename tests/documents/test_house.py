"""cnntrain/README.md: the tree that it shows is the one there is."""

import re

from documents import DOCUMENTS, ROOT, blocks

(TREE,) = [block for block in blocks(DOCUMENTS["cnntrain/README.md"], "text") if "nn/ " in block]


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
