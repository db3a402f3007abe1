"""A validation part and the moment that came back, in the real browser."""

import pytest
from playwright.sync_api import expect

import foldscape
from tests.product import call

pytestmark = pytest.mark.browser

SPEC = {
    "data": {"kind": "moons", "n": 80, "noise": 0.4},
    "net": {"hidden": [6]},
    "optimizer": {"kind": "adam", "lr": 0.1},
    "validation_share": 0.3,
    "stop": {"epochs": 200, "early_stop": {"patience": 25}},
    "probes": [{"kind": "frame"}],
}
SHOWN = """([id, best]) => {
  const traces = [...document.querySelectorAll(`#${id}, #${id} *`)].flatMap((place) => place.data ?? []);
  const line = traces.find(({ name }) => name === "validation");
  const marks = traces.find(({ yaxis }) => yaxis === "y3");
  const at = marks ? marks.marker.symbol.indexOf("star") : -1;
  return Boolean(line) && line.line.dash === "dot" && line.x.length > 10 && at >= 0 && marks.x[at] === best;
}"""


@pytest.fixture(scope="module")
def best():
    """The epoch whose net comes back, as the library has it."""
    events = foldscape.run(foldscape.RunSpec.model_validate(SPEC))
    return next(event.best_epoch for event in events if event.kind == "restored")


@pytest.mark.parametrize("place", ["run", "play"])
def test_the_third_line_and_the_moment_that_came_back_are_shown(page, product, best, place):
    run = call(f"{product}/api/runs", SPEC)["id"]
    page.goto(f"{product}/runs/{run}" if place == "run" else f"{product}/?run={run}")
    for curve in ("accuracy", "loss"):
        expect(page.locator(f"#{place}-{curve}-now")).to_contain_text("valid")
        page.wait_for_function(SHOWN, arg=[f"{place}-{curve}", best])
    time = page.get_by_role("slider", name="Moment of the run")
    expect(time).to_have_attribute("aria-description", f"★ The net of epoch {best:g} came back at the end.")
