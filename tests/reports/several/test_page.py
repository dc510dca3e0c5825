"""Reports of several runs in a real browser."""

import pytest
from browser import Browser

from cnntrain.reports.several.report import comparison, sweep

pytestmark = pytest.mark.system

COLUMN = """[...document.querySelectorAll('#results tbody tr')].map(
  row => Number(row.cells[{column}].querySelector('data').value))"""
CLICK = "document.querySelectorAll('#results th button')[{column}].click()"
WIDER = """[...document.querySelectorAll('body *')].filter(one =>
  !one.closest('.scroll') && one.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.fixture(scope="module")
def browser():
    with Browser() as one:
        one.offline()
        yield one


@pytest.fixture(scope="module")
def page(several, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(comparison(several).html)
    return path


def test_it_opens_from_disk_and_loads_nothing(browser, page):
    browser.open(page)
    others = [url for url in browser.requests if not url.startswith("data:")]
    assert others == [page.resolve().as_uri()]
    assert browser.problems == []


def test_a_title_sorts_by_its_column_and_back(browser, page):
    browser.open(page)
    browser.evaluate(CLICK.format(column=1))
    assert browser.evaluate(COLUMN.format(column=1)) == [32, 64, 128]
    browser.evaluate(CLICK.format(column=1))
    assert browser.evaluate(COLUMN.format(column=1)) == [128, 64, 32]
    sorted_ = "document.querySelectorAll('[aria-sort=descending]').length"
    assert browser.evaluate(sorted_) == 1


def test_another_script_does_not_run(browser, page, tmp_path):
    evil = tmp_path / "evil.html"
    text = page.read_text().replace("<main>", "<main><script>window.ran = 1</script>", 1)
    evil.write_text(text)
    browser.open(evil)
    assert browser.evaluate("window.ran") is None
    assert any("script" in problem for problem in browser.problems)


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("kind", ["comparison", "rates", "two"])
def test_nothing_is_wider_than_the_screen(browser, page, swept, tmp_path, width, kind):
    path = page
    if kind != "comparison":
        path = tmp_path / "sweep.html"
        path.write_text(sweep(swept / kind).html)
    browser.open(path, width)
    assert browser.evaluate(WIDER) == 0
    assert browser.problems == []
