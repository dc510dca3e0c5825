"""Charts that are read in a real browser, by the pointer and by keys."""

import math

import pytest
from browser import Browser

import cnntrain
from cnntrain.reports.chart import Axis, Chart
from cnntrain.reports.page import Section, beside, page
from cnntrain.reports.report import of_run
from cnntrain.reports.scale import Scale
from cnntrain.reports.vector import WIDTH

pytestmark = pytest.mark.system

BOX = "(box => [box.left, box.top, box.right, box.bottom])(({}).getBoundingClientRect())"
PLACES = f"""[...document.querySelectorAll('html, body, main, main *:not(svg *)')]
  .flatMap(one => {BOX.format("one")})
  .concat(document.documentElement.scrollWidth, document.documentElement.scrollHeight)"""
READ = """[...document.querySelectorAll('.values:not([hidden]) :is(caption, tr, p)')].map(
  one => one.innerText.trim().replaceAll('\\t', ' '))"""
CHART = BOX.format("document.querySelector('.chart')")
VALUES = BOX.format("document.querySelector('.values')")


@pytest.fixture(scope="module")
def browser():
    with Browser() as one:
        one.offline()
        yield one


@pytest.fixture
def chart():
    """Three curves over 200 epochs, of which one has two points, and two lines at epoch 100."""
    epochs = [float(k) for k in range(1, 201)]
    axes = Axis("epoch", Scale(0.0, 200.0), "d"), Axis("error", Scale(0.0, 1.0), "%")
    made = Chart("errors", "error by epoch", "curves", *axes)
    made.mark(100, "learning rate 0.1 -> 0.01 (plateau)")
    made.mark(100, "best epoch: 100", "best")
    made.level(0.5, "chance")
    made.line("training error", epochs, [1 / k for k in epochs])
    made.line("<b>validation", epochs, [math.nan if k == 50 else 0.5 for k in epochs], 1)
    made.line("average", [1.0, 200.0], [0.25, 0.25], 2)
    return made


@pytest.fixture
def shown(browser, chart, tmp_path):
    """A page of the chart."""
    path = tmp_path / "page.html"
    path.write_text(page("title", "lead", [Section("part", "Part", [beside(chart)], [chart])]))
    browser.open(path)


def point(browser, share):
    """What is read at a share of the width of the chart."""
    left, top, right, _ = browser.evaluate(CHART)
    browser.point(left + share * (right - left), top + 100)
    return browser.evaluate(READ)


def share(chart, epoch):
    """Where an epoch is, as a share of the width of the image."""
    path = chart.svg().find(".//g[@class='curve']/path").get("d")
    return float(path[1:].split("L")[epoch - 1].split()[0]) / WIDTH


def press(browser, key):
    """What is read after a key."""
    browser.press(key)
    return browser.evaluate(READ)


def test_the_pointer_reads_what_metrics_csv_says_of_an_epoch(browser, digits_run, tmp_path):
    path, metrics = tmp_path / "report.html", cnntrain.Run(digits_run).metrics
    path.write_text(of_run(digits_run).html)
    browser.open(path)
    browser.evaluate("document.querySelector('.chart').scrollIntoView({block: 'center'})")
    caption, *rows = point(browser, 0.99)
    assert caption == "epoch 3"
    for row, column in zip(rows[:2], ("train_loss", "validation_loss"), strict=True):
        assert float(row.rpartition(" ")[2]) == pytest.approx(metrics[column][2], rel=1e-3)
    marked = """[...document.querySelectorAll('.chart:has(.reading)')].map(c => c.dataset.name)"""
    assert browser.evaluate(marked) == ["losses", "errors", "rate"]  # those over the same epochs
    browser.point(1, 1)
    assert browser.evaluate(marked) == []
    assert browser.problems == []


def test_values_are_told_with_what_happened_and_move_nothing(browser, shown, chart):
    before = browser.evaluate(PLACES)
    assert point(browser, share(chart, 100)) == [
        "epoch 100",
        "training error 1.00 %",
        "<b>validation 50.00 %",
        "learning rate 0.1 -> 0.01 (plateau)",
        "best epoch: 100",
    ]
    assert browser.evaluate(PLACES) == before
    browser.point(1, 1)
    assert browser.evaluate(READ) == []


def test_a_curve_whose_next_point_is_close_by_tells_where(browser, shown, chart):
    assert point(browser, share(chart, 2))[1:] == [
        "training error 50.00 %",
        "<b>validation 50.00 %",
        "average, at 1 25.00 %",
    ]


def test_keys_read_a_chart_aloud(browser, shown):
    assert press(browser, "Tab")[0] == "epoch 200"
    assert press(browser, "ArrowLeft")[0] == "epoch 199"
    assert press(browser, "ArrowRight")[0] == "epoch 200"
    assert press(browser, "ArrowRight")[0] == "epoch 200"
    assert press(browser, "Home")[:2] == ["epoch 1", "training error 100.00 %"]
    assert browser.evaluate("document.querySelector('.values').ariaLive") == "polite"
    assert press(browser, "Escape") == []


def test_a_chart_is_enlarged_and_still_read(browser, shown, chart):
    before = browser.evaluate(CHART)
    browser.press("Tab")
    assert press(browser, "Enter") == []
    left, top, right, bottom = browser.evaluate(CHART)
    assert right - left > 1.5 * (before[2] - before[0])
    wide, high = right - left, bottom - top
    scale = min(wide / WIDTH, high / float(chart.svg().get("viewBox").split()[-1]))
    place = (left + right) / 2 + scale * WIDTH * (share(chart, 100) - 0.5)
    browser.point(place, (top + bottom) / 2)
    assert browser.evaluate(READ)[0] == "epoch 100"
    browser.press("Enter")
    assert browser.evaluate(CHART) == before


@pytest.mark.parametrize("width", [400, 1600])
@pytest.mark.parametrize("place", [0.15, 0.5, 0.97])
def test_values_are_on_the_screen(browser, shown, width, place):
    browser.open(browser.evaluate("location.href"), width, dark=True)
    point(browser, place)
    left, _, right, _ = browser.evaluate(VALUES)
    assert 0 <= left < right <= width
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
