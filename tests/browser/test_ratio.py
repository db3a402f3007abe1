"""The noise of the updates, in the real browser: a line on Play, a panel of a run, an axis of Compare."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call, wait_until_done

pytestmark = pytest.mark.browser
RUN = {"data": {"kind": "moons", "n": 80}, "net": {"hidden": [4]}, "stop": {"epochs": 12}}
BATCHES = (5, 10, 20)


@pytest.fixture(scope="module")
def trained(product):
    """Two seeds of each batch size, with plain SGD."""
    settings = [(batch, seed) for batch in BATCHES for seed in (0, 1)]
    made = [
        call(f"{product}/api/runs", RUN | {"batch": batch, "seed": seed, "optimizer": {"kind": "sgd", "lr": 0.1}})["id"]
        for batch, seed in settings
    ]
    wait_until_done(product, *(f"/api/runs/{run}" for run in made))
    return made


def test_play_says_how_noisy_the_updates_are_and_measures_the_scale_when_asked(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&o=sgd&lr=0.1&b=25")
    told.until("f.framesDrawn >= 3")
    line = page.locator("#play-noise")
    expect(line).to_contain_text("η/S 0.004")
    expect(line).to_contain_text("S/N")
    expect(line).to_contain_text("ηλ₁/2")
    line.get_by_role("button", name="+ B_simple").click()
    expect(line).to_contain_text(re.compile(r"B_simple [\d.]+"))
    expect(line.get_by_role("button", name="+ B_simple")).to_be_hidden()


def test_play_has_no_number_for_adam(page, product, told):
    page.goto(f"{product}/?v=1&pl=0")
    told.until("f.framesDrawn >= 3")
    expect(page.locator("#play-noise")).to_contain_text("η/S –")
    page.locator("#play-noise .ask").click()
    expect(page.get_by_role("dialog", name="Learning rate by batch size, η/S")).to_contain_text("Adam")


def test_a_run_has_a_panel_of_it(page, product, trained):
    page.goto(f"{product}/runs/{trained[0]}")
    panel = page.locator("[data-key='ratio']")
    expect(panel).to_contain_text("Noise of the updates", timeout=30_000)  # the first page of a browser loads all
    expect(panel.locator(".panel-note").first).to_contain_text("η/S 0.02")
    expect(panel.locator(".main-svg")).not_to_have_count(0, timeout=30_000)


def test_compare_draws_sharpness_and_accuracy_against_it(page, product, trained):
    page.goto(f"{product}/compare?runs={','.join(trained)}&by=epochs")
    page.locator("#compare-x").select_option("ratio")
    panes = page.locator("#compare-scatter .fc-pane")
    expect(panes.filter(has_text="Test accuracy ↑, η/S →")).to_be_visible()
    expect(panes.filter(has_text="λ by element ↑, η/S →")).to_contain_text("Spearman ρ")
    expect(panes.first).to_contain_text("3 groups, 2 shared seeds")
    page.locator("#compare-colour").select_option("ratio")
    expect(page).to_have_url(re.compile("x=ratio&colour=ratio"))
    page.locator("#compare-x").select_option("accuracy")
    expect(panes.filter(has_text="η/S →")).to_be_hidden()
