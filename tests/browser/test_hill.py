"""A hill on a line in the real browser: from the list of studies to a ball that rolls off, and one that comes back."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_T_C1_4_the_ball_rolls_off_and_comes_back(page, product):
    page.goto(f"{product}/studies")
    page.get_by_role("link", name="A hill on a minimum").click()
    expect(page.locator("#hill-verdict")).to_contain_text("rolls off")
    expect(page.locator("#hill-balance")).to_have_text("0.972672")
    expect(page.locator("#hill-place")).to_have_text("0.972672, at rest", timeout=30_000)
    page.locator("#hill-strength").fill("0.7")
    expect(page.locator("#hill-verdict")).to_contain_text("comes back")
    expect(page.locator("#hill-balance")).to_have_text("0")
    expect(page.locator("#hill-place")).to_have_text("0.000000, at rest", timeout=30_000)
    page.locator("#hill-sigma").fill("0")
    expect(page.locator("#hill-verdict")).to_have_text("λ and σ have to be above 0, s not below.")
