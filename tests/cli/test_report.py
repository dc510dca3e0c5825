"""`cnntrain report`: a page, and its figures one by one."""

import json
import subprocess
import sys


def test_the_page_goes_to_the_run(cnntrain, trained):
    result = cnntrain("report", trained)
    page = trained / "report.html"
    assert (result.code, result.out, result.err) == (0, f"{page}\n", "")
    assert page.read_text().startswith("<!DOCTYPE html>")
    assert cnntrain("report", trained).code == 0  # it is replaced
    assert cnntrain("evaluate", trained, "--split", "validation").code == 0  # the run is one still


def test_page_and_figures_go_where_they_are_asked_for(cnntrain, trained, tmp_path):
    page, folder = tmp_path / "page.html", tmp_path / "figures"
    result = cnntrain("report", trained, "-o", page, "--figures", folder, "--json")
    written = json.loads(result.out)
    assert written["report"] == str(page)
    assert sorted(written["figures"]) == sorted(map(str, folder.iterdir()))
    for path in folder.iterdir():
        assert path.read_text().startswith("<svg")
        assert "<style>" in path.read_text()
    assert not (trained / "report.html").exists()


def test_no_run_is_an_error_of_one_line(cnntrain, tmp_path):
    result = cnntrain("report", tmp_path)
    assert (result.code, result.out) == (10, "")
    assert result.err == f"cnntrain: error: no run in {tmp_path}\n"


def test_a_part_that_is_not_there_is_an_error(cnntrain, digits):
    text = digits.read_text().replace(", validation: 0.1", "")
    digits.write_text(text)
    assert cnntrain("fit", digits, "--quiet").code == 0
    result = cnntrain("report", "runs/small", "--split", "validation")
    assert result.code == 3
    assert "have no validation part" in result.err
    assert not (digits.parent / "runs/small/report.html").exists()


def test_several_runs_need_a_place_for_their_page(cnntrain, trained, tmp_path):
    assert cnntrain("fit", "small.yaml", "--set", "seed=1", "--run", "other", "--quiet").code == 0
    result = cnntrain("report", trained, "other")
    assert (result.code, result.out) == (2, "")
    assert "2 runs have no place for a page in common (name its file)" in result.err
    page = tmp_path / "both.html"
    result = cnntrain("report", trained, "other", tmp_path, "-o", page)
    assert (result.code, result.out) == (0, f"{page}\n")
    assert result.err == f"no run in {tmp_path}: passed over\n"
    assert "2 runs in 1 group" in page.read_text()


def test_the_page_of_a_sweep_goes_to_the_sweep(cnntrain, digits):
    options = ("--over", "batch_size=32,64", "--set", "epochs=1", "--quiet", "--run", "sweep")
    assert cnntrain("sweep", digits, *options).code == 0
    assert cnntrain("report", "sweep").out == "sweep/report.html\n"
    assert cnntrain("sweep", digits, *options, "--resume").code == 0  # it is a sweep still
    assert "--split does not apply" in cnntrain("report", "sweep", "--split", "test").err
    assert "are for the report of one run" in cnntrain("report", "sweep", "--sample", 1).err


def test_nothing_to_report_on_is_an_error(cnntrain, tmp_path):
    assert cnntrain("report").code == 2
    assert cnntrain("report", tmp_path, "--note", tmp_path).code == 2
    result = cnntrain("report", "--note", tmp_path)
    assert (result.code, result.err.count("\n")) == (10, 1)


def test_png_figures_lie_beside_the_others(cnntrain, trained, tmp_path):
    folder = tmp_path / "figures"
    result = cnntrain("report", trained, "--figures", folder, "--png", "--json")
    written = json.loads(result.out)["figures"]
    assert sorted(written) == sorted(map(str, folder.iterdir()))
    names = {path.stem for path in folder.iterdir()}
    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{kind}" for name in names for kind in ("svg", "png")
    }
    assert (folder / "losses.png").read_bytes().startswith(b"\x89PNG")


def test_png_without_a_folder_is_an_error(cnntrain, trained):
    result = cnntrain("report", trained, "--png")
    assert (result.code, result.err) == (2, "cnntrain: error: --png needs --figures\n")


def test_without_matplotlib_the_error_says_how_to_get_it(trained, tmp_path):
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        f"sys.argv = ['cnntrain', 'report', {str(trained)!r}, '--figures', 'figures', '--png']\n"
        "from cnntrain.__main__ import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 2
    assert done.stderr == (
        "cnntrain: error: PNG figures need Matplotlib (pip install 'cnntrain[plot]')\n"
    )
    assert not (trained / "report.html").exists()


def test_classes_and_a_sample_that_are_not_there_are_errors_of_one_line(cnntrain, trained):
    result = cnntrain("report", trained, "--classes", "3,x")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "--classes: no class x (expected names, or numbers from 0 to 9)" in result.err
    result = cnntrain("report", trained, "--sample", 10**6)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert cnntrain("report", trained, trained, "--sample", 1, "-o", "a.html").code == 2
    assert not (trained / "report.html").exists()
