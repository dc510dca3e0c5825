"""Data flows one way: a module imports only from its own floor or from those above it."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cnntrain

PACKAGE = Path(cnntrain.__file__).parent
FLOORS = [
    {
        "elementary",
        "errors",
        "files",
        "limits",
        "metrics",
        "text",
        "resources",
        "randomness",
        "storage",
        "waiting",
    },
    {"settings"},
    {"nn"},
    {"data"},
    {"optim"},
    {"config"},
    {"experiment"},
    {"runs"},
    {"models"},
    {"training"},
    {"sweeps", "comparison", "exports", "reports", "fetch"},
    {"cli"},
    {"__main__"},
]
FLOOR = {name: number for number, names in enumerate(FLOORS) for name in names}
FLOOR["__version__"] = 0  # which the package itself defines
MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path):
    """The top names under `cnntrain` that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            first, _, rest = node.module.partition(".")
            if first == "cnntrain":
                yield from [rest.split(".")[0]] if rest else [name.name for name in node.names]
        elif isinstance(node, ast.Import):
            yield from (n.name.split(".")[1] for n in node.names if n.name.startswith("cnntrain."))


def test_imports_point_upwards():
    for path in MODULES:
        home = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for name in imported(path) if home != "__init__" else ():  # which has the public names
            assert FLOOR[name] <= FLOOR[home], f"{path} imports {name}, which is below it"


def test_every_file_is_short_and_says_what_it_is_about():
    for path in [*MODULES, *Path(__file__).parent.rglob("*.py")]:
        text = path.read_text(encoding="utf-8")
        assert ast.get_docstring(ast.parse(text)), f"{path}: no docstring"
        assert len(text.splitlines()) <= 300, path


# What reads or writes files, and where it may be called: reading and writing have one door each.
# The build of the package, which can import nothing of it, is a house of its own, and so is the
# cache of decoded pictures, which may be lost at any time.
BUILD = "nn/engines/compiled/build.py"
CACHE = {"data/pictures/cache.py", "data/pictures/rows_file.py"}
STORAGE = {"storage/disk.py", "storage/durable.py", "storage/lines.py"}
DOORS = {
    "read_bytes": {"files.py", BUILD},
    "read_text": {"files.py"},
    "open": {"files.py", *STORAGE, *CACHE},
    "write_bytes": {BUILD},
    "write_text": set(),
    "unlink": {*STORAGE, *CACHE},
    "rename": set(),
    "replace": {*STORAGE, BUILD, *CACHE},
    "rmtree": set(),
    "mkdir": {*STORAGE, BUILD, *CACHE},
}
NOT_FILES = {"gzip.open", "archive.open", "module.open"}  # in a file that is open


def calls(path):
    """The calls of a method in DOORS, or of `open`, by the text of what is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            method = name.rpartition(".")[2]
            if method in DOORS and (method == "open" or "." in name):
                text = (
                    method == "replace" and len(node.args + node.keywords) != 1
                )  # str.replace, dataclasses
                null = node.args and ast.unparse(node.args[0]) == "os.devnull"
                if not text and not null and name not in NOT_FILES:
                    yield method, name, node.lineno


def test_files_are_read_and_written_through_their_doors():
    for path in MODULES:
        home = path.relative_to(PACKAGE).as_posix()
        for method, name, line in calls(path):
            assert home in DOORS[method], f"{home}:{line}: {name}(...)"


def test_public_names_exist_and_are_sorted():
    assert list(cnntrain.__all__) == sorted(cnntrain.__all__)
    for name in cnntrain.__all__:
        assert getattr(cnntrain, name) is not None
    assert dir(cnntrain) == list(cnntrain.__all__)


@pytest.mark.parametrize("arguments", [["--help"], ["init", "digits"], ["fit", "-h"]])
def test_light_commands_import_no_numpy_and_no_tqdm(arguments):
    code = (
        "import sys\n"
        "from cnntrain.cli.main import main\n"
        f"sys.argv = ['cnntrain', *{arguments}]\n"
        "try:\n    main()\n"
        "except SystemExit as end:\n    assert not end.code\n"
        "heavy = {'numpy', 'tqdm', 'safetensors', 'threadpoolctl'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def loaded_by(code):
    """The modules of the package that `code` imports, in a process of its own."""
    code += "\nimport sys\nprint(*(name for name in sys.modules if name.startswith('cnntrain')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_model_is_loaded_and_used_without_anything_of_training(trained):
    code = (
        "import numpy as np, cnntrain\n"
        f"model = cnntrain.load_model({str(trained)!r})\n"
        "model.predict(np.zeros((1, 8, 8)))\n"
    )
    loaded = loaded_by(code)
    assert "cnntrain.models.model" in loaded
    assert not [name for name in loaded if name.startswith("cnntrain.training")]


def test_run_directories_know_nothing_of_networks_and_training():
    """Beyond what a config is made of."""
    modules = sorted(path.stem for path in (PACKAGE / "runs").glob("*.py"))
    loaded = loaded_by("\n".join(f"import cnntrain.runs.{name}" for name in modules[1:]))
    others = set(loaded) - set(loaded_by("import cnntrain.config.load"))
    assert {".".join(name.split(".")[:2]) for name in others} == {
        "cnntrain.runs",
        "cnntrain.storage",
    }
