"""The study of SGD as a stochastic differential equation in the real browser: from the list to the table."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


@pytest.fixture
def empty(product):
    for study in call(f"{product}/api/studies")["studies"]:
        call(f"{product}/api/studies/{study['id']}", method="DELETE")


def test_from_the_list_through_the_button_to_the_table(page, product, empty):
    page.goto(f"{product}/studies")
    page.get_by_role("link", name="SGD as a stochastic differential equation").click()
    expect(page.locator(".fd-card")).to_have_count(6)
    expect(page.locator(".fd-card[data-row='hessian']")).to_contain_text("0.08125")  # the formulas stand there at once
    expect(page.get_by_role("link", name="Studies", exact=True)).to_have_attribute("aria-current", "page")
    page.locator("#sde-chains").select_option("1000")
    page.locator("#sde-lr").fill("0.08")
    expect(page.locator("#sde-meters")).to_contain_text("ηλ₁/2 = 0.8: the finite step counts")
    page.locator("#sde-go").click()
    page.wait_for_url(re.compile("study=[0-9a-f]+"))
    expect(page.locator("#sde-standing")).to_contain_text("Done in", timeout=90_000)
    study = page.url.partition("study=")[2]
    found = call(f"{product}/api/studies/{study}")
    assert (found["spec"]["lr"], found["spec"]["chains"]) == (0.08, 1000)
    expect(page.locator(".fu-verdict")).to_have_text(found["verdict"])
    for row in found["rows"]:
        cells = page.locator(f"#sde-table tr[data-row='{row['key']}'] td")
        expect(cells.nth(2)).to_have_text(f"{row['updates']:,}")
        expect(cells.nth(3)).to_contain_text("±")
    page.goto(f"{product}/utilisation")
    expect(page.locator("#utilisation-go")).to_be_visible()
    expect(page.locator("#utilisation-past li")).to_have_count(0)  # a page lists the studies of its own kind


def test_a_setting_that_diverges_is_refused_in_a_sentence(page, product, empty):
    page.expected_errors.append("422")  # Chromium tells of it itself
    page.goto(f"{product}/studies/sde")
    page.locator("#sde-lr").fill("0.2")
    page.locator("#sde-go").click()
    expect(page.locator("#sde-start [role=alert]")).to_contain_text("has to be below 0.1")


def test_every_question_mark_opens_its_words(page, product, empty):
    page.goto(f"{product}/studies/sde")
    for key, words in (
        ("excess_loss", "½ Tr(HΣ)"),
        ("basin_share", "odds"),
        ("temperature", "double well"),
        ("sde_limits", "η/S"),
    ):
        page.locator(f".ask[data-measure='{key}']").first.click()
        expect(page.locator(".meaning")).to_be_visible()
        expect(page.locator(".meaning")).to_contain_text(words)
        page.keyboard.press("Escape")
