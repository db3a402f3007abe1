"""What each residual block does, and the slider that unrolls the last one, in the real browser."""

import numpy as np
import pytest
from playwright.sync_api import expect

import foldscape
from tests.product import call

pytestmark = pytest.mark.browser

SPEC = {
    "data": {"kind": "digits"},
    "net": {"wiring": "res_mlp", "blocks": 4, "width": 32, "inner": 32},
    "optimizer": {"kind": "adam", "lr": 0.003},
    "stop": {"epochs": 2},
    "probes": [{"kind": "iterative", "every": 1, "extra": 3}],
}


@pytest.fixture(scope="module")
def told():
    """The last measurement of the run, as the library has it."""
    return [event for event in foldscape.run(foldscape.RunSpec.model_validate(SPEC)) if event.kind == "iterative"][-1]


@pytest.fixture
def panels(page, product, told):
    run = call(f"{product}/api/runs", SPEC)["id"]
    page.goto(f"{product}/runs/{run}")
    expect(page.locator("#run-block_accuracy-now")).to_contain_text(
        f"→ {told.accuracy[0, -1]:.3f}",
        timeout=60_000,  # a worker loads torch for its first such run
    )
    return page


def drawn(page, panel, trace):
    """The heights that a chart draws."""
    return page.evaluate(f"[...document.querySelector('#run-{panel}').data[{trace}].y]")


def test_panels_draw_what_the_library_measures(panels, told):
    panels.wait_for_function("document.querySelector('#run-block_cosine').data?.length === 2")
    np.testing.assert_allclose(drawn(panels, "block_cosine", 1), told.cosine[0], atol=1e-6)
    np.testing.assert_allclose(drawn(panels, "block_accuracy", 0), told.accuracy[0], atol=1e-6)
    np.testing.assert_allclose(drawn(panels, "block_change", 1), told.predicted[0], atol=1e-6)
    errors = panels.evaluate("[...document.querySelector('#run-block_cosine').data[1].error_y.array]")
    np.testing.assert_allclose(errors, told.cosine[1], atol=1e-6)


def test_the_slider_unrolls_the_last_block_plain_or_shared_out(panels, told):
    slider = panels.get_by_role("slider", name="Extra times of the last block")
    facts = panels.locator(".fx-unrolled-facts")
    without = told.unrolled_accuracy[0, 0, 0]
    expect(facts).to_contain_text(f"accuracy{without:.3f}")
    slider.fill("3")
    expect(panels.locator(".fx-unrolled-count")).to_have_text("3 extra times")
    expect(facts).to_contain_text(f"{told.unrolled_accuracy[0, 0, 3]:.3f} instead of {without:.3f}")
    panels.wait_for_function("document.querySelector('#run-unrolled').data?.[2]?.x[0] === 3")
    panels.get_by_role("button", name="shared out").click()
    expect(facts).to_contain_text(f"{told.unrolled_accuracy[0, 1, 3]:.3f} instead of {without:.3f}")
    expect(panels.get_by_role("button", name="shared out")).to_have_attribute("aria-pressed", "true")
    slider.press("ArrowLeft")
    expect(panels.locator(".fx-unrolled-count")).to_have_text("2 extra times")


def test_every_panel_says_what_it_is(panels):
    for name in ("Cosine of block and gradient", "Change of the loss by block", "Last block unrolled"):
        panels.get_by_role("button", name=f"What is {name}?").click()
        expect(panels.get_by_role("dialog", name=name)).to_contain_text("360")
        panels.keyboard.press("Escape")
