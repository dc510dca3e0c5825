"""A report in a real browser."""

import pytest
from browser import Browser

import cnntrain
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.page import Section, beside
from cnntrain.reports.page import page as whole
from cnntrain.reports.report import of_run
from cnntrain.reports.scale import Scale

pytestmark = pytest.mark.system

LABELS = "[...document.querySelectorAll('.chart .curve')].map(g => [g.dataset.label, g.dataset.y])"
EMPTY = """[...document.querySelectorAll('svg')].filter(svg => {
  const drawn = [...svg.querySelectorAll('path, circle, rect')];
  return !drawn.some(one => one.getBBox().width > 0);
}).length"""
WIDER = """[...document.querySelectorAll('body *')].filter(one =>
  !one.closest('.scroll') && one.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.fixture(scope="module")
def page(digits_run, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(of_run(digits_run).html)
    return path


@pytest.fixture(scope="module")
def browser():
    with Browser() as one:
        one.offline()
        yield one


def test_it_opens_from_disk_and_loads_nothing(browser, page):
    browser.open(page)
    others = [url for url in browser.requests if not url.startswith("data:")]
    assert others == [page.resolve().as_uri()]
    assert browser.problems == []
    assert browser.evaluate("document.querySelectorAll('svg').length") >= 6
    assert browser.evaluate(EMPTY) == 0


def test_what_the_browser_shows_is_in_metrics_csv(browser, page, digits_run):
    browser.open(page)
    shown, metrics = dict(browser.evaluate(LABELS)), cnntrain.Run(digits_run).metrics
    assert [float(v) for v in shown["training loss"].split()] == metrics["train_loss"].tolist()


@pytest.mark.parametrize("width", [400, 800, 1600])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_wider_than_the_screen(browser, page, width, dark):
    browser.open(page, width, dark)
    assert browser.evaluate(WIDER) == 0
    ink, paper = browser.evaluate(
        "(s => [s.color, s.backgroundColor])(getComputedStyle(document.body))"
    )
    light = (sum(map(int, color[4:-1].split(","))) > 384 for color in (ink, paper))
    assert tuple(light) == ((True, False) if dark else (False, True))


def test_links_stay_in_sight_where_they_take_one_line(browser, page, tmp_path):
    top = "document.querySelector('nav').getBoundingClientRect().top"
    browser.open(page, 1200)
    browser.evaluate("scrollTo(0, 2000)")
    assert browser.evaluate(top) == 0
    browser.evaluate("document.querySelector('nav a[href=\"#classes\"]').click()")
    below = "document.getElementById('classes').getBoundingClientRect().top"
    assert browser.evaluate(below) > 30
    many = tmp_path / "many.html"
    many.write_text(whole("t", "l", [Section(f"s{k}", "A long title " * 4, []) for k in range(9)]))
    browser.open(many, 1200)
    browser.evaluate("scrollTo(0, 300)")
    assert browser.evaluate(top) < 0


def test_no_word_of_a_chart_is_cut_off(browser, tmp_path):
    one = Axis("epoch", Scale(0.0, 10_000.0, whole=True), "d")
    chart = Chart("losses", "loss", "a curve", one, Axis("loss", Scale(1.0001e-4, 1.0009e-4)))
    chart.line("training loss", [0.0, 10_000.0], [1.0001e-4, 1.0009e-4])
    path = tmp_path / "page.html"
    path.write_text(whole("title", "lead", [Section("part", "Part", [beside(chart)], [chart])]))
    browser.open(path)
    cut = """[...document.querySelectorAll('.chart text')].filter(text => {
      const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal;
      return box.x < 0 || box.x + box.width > view.width || box.y + box.height > view.height;
    }).map(text => text.textContent)"""
    assert browser.evaluate(cut) == []


def test_a_cell_of_the_confusion_matrix_leads_to_its_pictures(browser, page):
    browser.open(page)
    browser.evaluate("document.querySelector('a[href^=\"#confused\"]').click()")
    assert browser.evaluate("document.querySelector('.cells section:target img').complete")


def test_every_picture_is_shown(browser, page):
    browser.open(page)
    sizes = browser.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert len(sizes) > 20
    assert min(sizes) > 0


def test_the_plane_is_shown_in_panels_that_wrap(browser, plane_run, tmp_path):
    path = tmp_path / "plane.html"
    path.write_text(of_run(plane_run).html)
    for width, columns in ((400, 1), (1200, 4)):
        browser.open(path, width)
        assert browser.problems == []
        assert browser.evaluate(WIDER) == 0
        lefts = "[...document.querySelectorAll('#plane svg')].map(s => s.getBoundingClientRect().x)"
        assert len(set(browser.evaluate(lefts))) == columns
    fills = browser.evaluate(
        "[...document.querySelectorAll('#plane .region')].map(r => getComputedStyle(r).fill)"
    )
    assert len(set(fills)) == 3  # a color for each class


def test_paper_is_light_whole_and_opens_what_is_folded(browser, page):
    browser.open(page, 700, dark=True)
    hidden = """[...document.querySelectorAll('details > :not(summary)')].filter(
      one => !one.checkVisibility()).length"""
    assert browser.evaluate(hidden) == browser.evaluate(
        "document.querySelectorAll('details').length"
    )
    dark = {"name": "prefers-color-scheme", "value": "dark"}
    browser.call("Emulation.setEmulatedMedia", media="print", features=[dark])
    try:
        assert browser.evaluate(hidden) == 0
        assert browser.evaluate("getComputedStyle(document.body).color") == "rgb(27, 31, 36)"
        breaks = (
            "[...document.querySelectorAll('figure')].map(f => getComputedStyle(f).breakInside)"
        )
        assert set(browser.evaluate(breaks)) == {"avoid"}
        cut = """[...document.querySelectorAll('.scroll, pre')].filter(
          one => getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth
        ).length"""
        assert browser.evaluate(cut) == 0
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
