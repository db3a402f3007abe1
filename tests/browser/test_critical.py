"""Play: the critical region held against the library, and corrupted points with their rings."""

import io
import re
import urllib.request

import numpy as np
import pytest
from playwright.sync_api import expect

from foldscape.geometry import critical_region
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from tests.product import call

pytestmark = pytest.mark.browser


def rest(page, told):
    """Pause, and wait until what is shown is the last there is; give its step."""
    page.keyboard.press("Space")
    told.until("f.state === 'paused' && f.shownStep === f.lastStep && f.lastStep > 0")
    return told("shownStep")


def net_at(product, run, step):
    """Give the net that a run keeps of a moment."""
    with urllib.request.urlopen(f"{product}/api/runs/{run}/weights?step={step}") as answer:
        arrays = np.load(io.BytesIO(answer.read()))
    layers = [[arrays[f"{part}.{layer}"] for layer in range(2)] for part in ("weights", "biases")]
    return Weights(*map(tuple, layers))


def test_the_critical_region_is_shown_by_its_key_and_counts_as_the_library_does(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=8&d=moons")
    told.until("f.framesDrawn >= 20")
    page.keyboard.press("k")
    line = page.locator("#play-critical")
    expect(line).to_contain_text("critical (exact)")
    told.until("f.beyond !== null")
    expect(line).to_contain_text(re.compile(r"; LASS (finds \d+|found \d+ of \d+)"))
    step = rest(page, told)
    net = net_at(product, told("run"), step)
    split = RunSpec.model_validate(call(f"{product}/api/runs/{told('run')}")["spec"]).load()
    slider = page.get_by_role("slider", name="Radius of the critical region")
    for key in ("Home", "PageUp", "ArrowRight", "End"):
        slider.press(key)
        radius = told("settings")["critical"]
        if not radius:
            continue
        expected = int(critical_region(net, split.train_x, radius).critical.sum())
        expect(line).to_contain_text(f"{expected} of {len(split.train_x)} points")
    expect(page.get_by_role("button", name="critical", exact=True)).to_have_attribute("aria-pressed", "true")
    address = page.evaluate("location.search")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Close the critical region").click()
    expect(line).to_be_empty()
    assert told("settings")["critical"] is None
    page.goto(f"{product}/{address or ''}")
    expect(line).to_contain_text("critical")


def test_corrupted_points_wear_rings_and_tell_their_true_class(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=4&d=moons")
    told.until("f.framesDrawn >= 5")
    page.locator("details.more summary").click()
    slider = page.get_by_role("slider", name="random labels")
    first = told("run")
    slider.fill("0.2")
    told.until("f.run !== a && f.settings.labels === 0.2 && f.framesDrawn >= 5", first)
    spec = RunSpec.model_validate(call(f"{product}/api/runs/{told('run')}")["spec"])
    assert spec.corrupt.labels == 0.2
    assert told("settings")["carried"] is None
    split = spec.load()
    wrong = np.flatnonzero(split.corrupted)
    expect(page.locator("#play-corrupted")).to_contain_text(f"{len(wrong)} of {len(split.train_y)} corrupted")
    expect(page.locator("#play-legend")).to_contain_text("wrong label")
    buttons = page.locator("#play-corrupted button")
    assert buttons.count() == len(wrong)
    i = int(wrong[0])
    truth = f"label {split.train_y[i]}, truly {split.true_y[i]}"
    expect(buttons.first).to_have_text(f"point {i}: {truth}")
    buttons.first.focus()
    told.until("f.pointed === a", i)
    x, y = told(f"onPage({split.train_x[i, 0]}, {split.train_x[i, 1]})")
    page.mouse.move(x, y)
    expect(page.locator("#play-cursor")).to_contain_text(truth)
    page.mouse.move(5, 5)
    told.until("f.pointed === null")
    touch = {"clientX": x, "clientY": y, "pointerType": "touch", "bubbles": True}
    page.locator("#play-plane canvas.plane-marks").first.dispatch_event("pointerdown", touch)  # a tap does not move
    told.until("f.pointed === a", i)


def test_what_cannot_be_corrupted_so_is_said_beside_its_field(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&cl=1.5")
    page.expected_errors = ["422"]
    expect(page.locator('.field-error[data-path="corrupt.labels"]')).to_contain_text("1")
