"""What travels with the package: checked on the wheel itself."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cnntrain.resources import bundled

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """An unpacked wheel: what `pip install .` puts into an environment."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = {**os.environ, "CNNTRAIN_ENGINE": "no"}  # which takes seconds to compile
    build = "from hatchling.build import build_wheel; import sys; build_wheel(sys.argv[1])"
    subprocess.run(
        [sys.executable, "-c", build, str(folder)],
        cwd=ROOT,
        env=environment,
        check=True,
        capture_output=True,
    )
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_a_checkout_finds_its_own_files():
    assert bundled("data/digits.csv.gz") == ROOT / "data" / "digits.csv.gz"
    assert bundled("configs") == ROOT / "configs"


def test_an_installed_package_needs_no_checkout(wheel, tmp_path):
    """`cnntrain init digits > digits.yaml && cnntrain fit digits.yaml` in an empty directory."""
    command = [sys.executable, "-P", "-m", "cnntrain"]
    environment = {"PYTHONPATH": str(wheel), "PATH": ""}

    def run(*arguments):
        return subprocess.run(
            [*command, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )

    config = run("init", "digits")
    assert config.returncode == 0, config.stderr
    (tmp_path / "digits.yaml").write_text(config.stdout)
    trained = run("fit", "digits.yaml", "--set", "epochs=1")
    assert trained.returncode == 0, trained.stderr
    assert (tmp_path / "runs" / "digits" / "checkpoints" / "best.safetensors").exists()
    evaluated = run("evaluate", "runs/digits")
    assert evaluated.returncode == 0, evaluated.stderr


def test_the_wheel_holds_the_data_their_licence_and_no_tests(wheel):
    assert (wheel / "cnntrain" / "bundled" / "data" / "digits.csv.gz").exists()
    assert "BSD" in (wheel / "cnntrain" / "bundled" / "data" / "README.md").read_text()
    assert not (wheel / "tests").exists()
    assert (wheel / "cnntrain" / "py.typed").exists()
