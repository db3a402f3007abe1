"""The most novel misses of a run, each beside its nearest training point, in the real browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

import foldscape
from tests.product import call

pytestmark = pytest.mark.browser

SPEC = {
    "data": {"kind": "digits"},
    "net": {"hidden": [8]},
    "optimizer": {"kind": "adam", "lr": 0.01},
    "stop": {"epochs": 1},
    "probes": [{"kind": "novelty", "every": 1}],
}


@pytest.fixture(scope="module")
def told():
    """The last table of the run, as the library has it."""
    return [event for event in foldscape.run(foldscape.RunSpec.model_validate(SPEC)) if event.kind == "novelty"][-1]


def test_the_most_novel_misses_are_shown_and_open_beside_their_nearest_training_point(page, product, told):
    assert len(told.shown) >= 12
    run = call(f"{product}/api/runs", SPEC)["id"]
    page.goto(f"{product}/runs/{run}")
    tiles = page.locator(".fx-novel-tile")
    expect(tiles).to_have_count(12)
    split = foldscape.RunSpec.model_validate(SPEC).load()
    first, nearest = told.shown[0], told.shown_nearest[0]
    is_, read, near = split.test_y[first], told.shown_as[0], split.train_y[nearest]
    words = f"Test point {first}: {is_}, read as {read}; training point {nearest}, {near}, is nearest"
    expect(page.locator(f'.fx-novel-tile[title^="{words}"]')).to_have_count(1)
    drawn = tiles.first.locator("canvas").evaluate_all(
        "all => all.map((one) => [...one.getContext('2d').getImageData(0, 0, 8, 8).data].filter((_, i) => i % 4 === 0))"
    )
    for pixels, point in zip(drawn, (split.test_x[first], split.train_x[nearest]), strict=True):
        np.testing.assert_allclose(pixels, 255 - 255 * np.clip(point, 0, 1), atol=1)
    tiles.first.click()
    box = page.get_by_role("dialog", name=f"Test point {first} and its nearest training point")
    expect(box.locator("figcaption").last).to_have_text(f"nearest training point, {nearest}")
    expect(box.locator(".fx-facts")).to_contain_text(f"read as {read}")


def test_no_dialog_outlives_the_run_page(page, product):
    run = call(f"{product}/api/runs", SPEC)["id"]
    page.goto(f"{product}/runs/{run}")
    runs = page.get_by_role("link", name="Runs", exact=True)
    runs.click()
    page.wait_for_url("**/runs")
    page.go_back()
    page.locator(".fx-novel-tile").first.click()
    expect(page.locator("dialog[open]")).to_have_count(1)
    page.go_forward()
    page.wait_for_url("**/runs")
    expect(page.locator("dialog")).to_have_count(0)
    runs.click()  # nothing lies over the page
