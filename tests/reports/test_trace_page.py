"""A step as a page, in a real browser."""

import pytest
from browser import Browser

from cnntrain.nn.layers import Conv, Dense, Flatten, MaxPool, ReLU, Softmax
from cnntrain.nn.losses import CrossEntropy
from cnntrain.nn.network import Network
from cnntrain.nn.note.trace import trace
from cnntrain.reports.trace_page import trace_page

pytestmark = pytest.mark.system

LAYERS = [
    Conv(filters=2, kernel=3),
    ReLU(),
    MaxPool(window=2),
    Flatten(),
    Dense(units=3),
    Softmax(),
]
EVIL = "<script>document.title = 'run'</script>"
WIDER = """[...document.querySelectorAll('body *')].filter(one =>
  !one.closest('.scroll') && one.getBoundingClientRect().right > innerWidth + 1).length"""


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    import numpy as np

    layers = [LAYERS[0].model_copy(update={"name": EVIL}), *LAYERS[1:]]
    network = Network(layers, CrossEntropy(), (6, 6, 1), 3)
    x, w = np.random.default_rng(0).normal(size=(2, 6, 6, 1)), network.initial_parameters(0)
    path = tmp_path_factory.mktemp("page") / "trace.html"
    path.write_text(trace_page(trace(zip(x, [0, 2], strict=True), w, network, 0.1), EVIL))
    return path


@pytest.mark.parametrize("width", [400, 1600])
def test_it_opens_from_disk_without_complaint(page, width):
    with Browser() as browser:
        browser.offline()
        browser.open(page, width)
        others = [url for url in browser.requests if not url.startswith("data:")]
        assert others == [page.resolve().as_uri()]
        assert browser.problems == []
        assert browser.evaluate("document.title") == "A step, traced"
        sizes = browser.evaluate("[...document.images].map(image => image.naturalWidth)")
        assert min(sizes) > 0
        assert browser.evaluate("document.querySelectorAll('details').length") == 2 * len(LAYERS)
        browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert browser.evaluate(WIDER) == 0
