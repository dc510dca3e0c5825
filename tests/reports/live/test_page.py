"""The live page in a real browser: it follows a run under way, and steers it."""

import signal
import subprocess
import sys

import pytest
from browser import Browser

import cnntrain
from cnntrain.reports.reduce import envelope
from cnntrain.reports.shapes import MOST_POINTS

from ...conftest import DIGITS, wait_for
from ...run_files import events

pytestmark = pytest.mark.system
COMMAND = [sys.executable, "-m", "cnntrain"]


@pytest.fixture(scope="module")
def browser():
    with Browser() as browser:
        yield browser


@pytest.fixture
def start(tmp_path):
    """`start()` trains the run, or goes on with it; `start("watch")` serves its page."""
    (tmp_path / "small.yaml").write_text(DIGITS.replace("epochs: 2", "epochs: 100000"))
    processes = []

    def started(*what):
        what = what or ("fit", "small.yaml", "--run", "run", "--resume", "--quiet")
        process = subprocess.Popen(
            [*COMMAND, *what], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        processes.append(process)
        if what[0] == "fit":
            wait_for((tmp_path / "run/.progress.json").exists, process)
        return process

    yield started
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def shown(start, browser, tmp_path):
    """The page of a run under way; the process that trains it."""
    fit = start()
    browser.open(start("watch", "run", "--web").stdout.readline().decode().strip())
    browser.wait("document.querySelector('.chart')")
    return fit


def text(browser, place):
    return browser.evaluate(f"document.getElementById({place!r}).textContent")


def press(browser, action):
    browser.evaluate(f"document.querySelector('[data-action=\"{action}\"]').click()")


def curve(browser, label):
    """The values of a curve that the page shows."""
    values = browser.evaluate(f"document.querySelector('[data-label=\"{label}\"]').dataset.y")
    return [float(value) for value in values.split()]


def test_the_page_follows_the_run_and_loads_nothing_from_elsewhere(shown, browser, tmp_path):
    count = len(curve(browser, "validation loss"))
    browser.wait(
        f"document.querySelector('[data-label=\"validation loss\"]').dataset.y.split(' ')"
        f".length > {count}"
    )
    browser.wait("document.getElementById('now').textContent.startsWith('epoch')")
    shown.kill()
    shown.wait()
    browser.wait("document.getElementById('status').textContent.startsWith('dead')")
    run = cnntrain.Run(tmp_path / "run")
    browser.wait(f"document.querySelector('dd').textContent.startsWith('{len(run.rows):,} of')")
    for label, column in {
        "training loss": "train_loss",
        "validation error": "validation_error",
        "learning rate": "learning_rate",
    }.items():
        seen, written = curve(browser, label), run.metrics[column].tolist()
        assert seen == list(envelope(range(len(written)), written, MOST_POINTS)[1])
    assert all(url.startswith(("http://127.0.0.1:", "data:")) for url in browser.requests)
    assert browser.problems == []


def test_a_chart_that_grows_is_still_read_and_large_and_has_the_focus(shown, browser):
    """The page puts a new chart in the place of one that somebody reads."""
    values = "document.querySelector('.values:not([hidden]) caption').textContent"
    browser.evaluate(
        "(chart => { window.old = chart; chart.focus({ focusVisible: true }); })"
        "(document.querySelector('.chart'))"
    )
    browser.press("Enter")
    browser.press("End")
    assert browser.evaluate(values).startswith("epoch ")
    browser.wait("!window.old.isConnected")
    assert browser.evaluate("document.activeElement === document.querySelector('.wide .chart')")
    assert browser.evaluate(values).startswith("epoch ")
    assert browser.problems == []


def test_the_slider_changes_the_rate_and_the_run_records_it(shown, browser, tmp_path):
    browser.wait("Number(document.getElementById('rate').value) === 0.05")
    browser.evaluate(
        "(() => { const slider = document.getElementById('slider'); slider.value = -3; "
        "slider.dispatchEvent(new Event('input')); })()"
    )
    assert browser.evaluate("document.getElementById('rate').value") == "0.001"
    press(browser, "set")
    browser.wait("document.getElementById('answer').textContent.startsWith('taken over')")
    press(browser, "lr=x0.1")
    browser.wait("document.getElementById('answer').textContent.endsWith('÷ 10')")
    browser.wait("document.getElementById('answer').textContent.startsWith('taken over')")
    made = [(event["action"], event["step"]) for event in events(tmp_path / "run", "control")]
    assert [action for action, _ in made] == ["lr=0.001", "lr=x0.1"]
    told = text(browser, "answer")
    assert told == f"taken over after step {made[1][1]:,}: learning rate ÷ 10"
    browser.wait("Number(document.getElementById('rate').value) === 0.0001")


def test_stop_asks_once_more_and_the_run_ends_with_7(shown, browser):
    press(browser, "stop")
    assert browser.evaluate("document.getElementById('dialog').open")
    browser.evaluate("document.getElementById('no').click()")
    assert not browser.evaluate("document.getElementById('dialog').open")
    assert shown.poll() is None
    press(browser, "stop")
    browser.evaluate("document.getElementById('yes').click()")
    assert shown.wait(60) == 7
    browser.wait("document.getElementById('status').textContent.startsWith('stopped: by hand')")
    browser.wait("document.getElementById('answer').textContent.startsWith('taken over')")
    assert browser.evaluate("document.getElementById('controls').disabled")


def test_a_killed_run_is_shown_as_dead_and_followed_when_it_goes_on(shown, start, browser):
    shown.send_signal(signal.SIGKILL)
    browser.wait("document.getElementById('status').textContent.startsWith('dead')")
    assert browser.evaluate("document.getElementById('controls').disabled")
    start()
    browser.wait("document.getElementById('status').textContent === 'running'")
    assert not browser.evaluate("document.getElementById('controls').disabled")


def test_everything_has_a_name_and_fits_on_the_screen(shown, browser):
    tree = browser.call("Accessibility.getFullAXTree")["nodes"]
    names = {(node["role"]["value"], node.get("name", {}).get("value")) for node in tree}
    assert {
        ("slider", "Learning rate, on a log scale"),
        ("textbox", "Learning rate"),
        ("button", "Divide the learning rate by 10"),
        ("button", "Double the learning rate"),
        ("button", "Set"),
        ("button", "Checkpoint"),
        ("button", "Stop…"),
    } <= names
    assert {role for role, _ in names} >= {"status", "progressbar", "main", "heading"}
    for width in (400, 1600):
        browser.open(browser.evaluate("location.href"), width, dark=True)
        browser.wait("document.querySelector('.chart')")
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
