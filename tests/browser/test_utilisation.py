"""The page of studies in the real browser: from the button to the table, stopped on the way, found again."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser

SMALL = {"kind": "utilisation", "nets": 20, "draws": 2, "steps": 100}
LONG = {**SMALL, "nets": 1000, "steps": 100_000}


@pytest.fixture
def in_place(page):
    """Send another spec than the page's button does, so that the study is small enough for a test."""

    def replace(spec):
        def handle(route):
            route.continue_(post_data=spec) if route.request.method == "POST" else route.continue_()

        page.route("**/api/studies", handle)

    return replace


@pytest.fixture
def empty(product):
    for study in call(f"{product}/api/studies")["studies"]:
        call(f"{product}/api/studies/{study['id']}", method="DELETE")


def test_before_any_study_the_published_counts_are_shown(page, product, empty):
    page.goto(f"{product}/utilisation")
    expect(page.locator("#utilisation-go")).to_have_text("Train 1,000 random against 1,000 grown nets")
    expect(page.locator("#utilisation-table")).to_contain_text("65 of 1,000")
    expect(page.locator("#utilisation-table")).to_contain_text("360 of 1,000")
    expect(page.locator("#utilisation-differs")).to_contain_text("neither data set, optimiser")
    expect(page.locator("#utilisation-findings")).to_be_empty()
    expect(page.locator(".fu-strip canvas")).to_have_count(8)


def test_one_button_leads_to_the_table_and_a_verdict(page, product, in_place, empty):
    in_place(SMALL)
    page.goto(f"{product}/utilisation")
    page.locator("#utilisation-go").click()
    page.wait_for_url(re.compile("study=[0-9a-f]+"))
    expect(page.locator("#utilisation-standing")).to_contain_text("Done in", timeout=60_000)
    expect(page.locator(".fu-verdict")).not_to_be_empty()
    study = page.url.partition("study=")[2]
    found = call(f"{product}/api/studies/{study}")
    for row in found["rows"]:
        strip = page.locator(f".fu-strip[data-row='{row['key']}'] .fu-count b")
        expect(strip).to_have_text(str(row["tally"]["within"][0]))
        cells = page.locator(f"#utilisation-table tr[data-row='{row['key']}'] td")
        expect(cells.nth(2)).to_have_text(str(row["tally"]["perfect"]))
    page.reload()
    expect(page.locator("#utilisation-past")).to_contain_text(found["name"])
    expect(page.locator(".fu-verdict")).to_have_text(found["verdict"])


def test_a_study_is_stopped_from_the_page_and_forgotten(page, product, in_place, empty):
    in_place(LONG)
    page.goto(f"{product}/utilisation")
    button = page.locator("#utilisation-go")
    button.click()
    expect(button).to_have_text("Stop")
    expect(page.locator("#utilisation-standing")).to_contain_text("update", timeout=60_000)
    button.click()
    expect(page.locator("#utilisation-standing")).to_contain_text("Stopped")
    expect(button).to_contain_text("Train")
    page.get_by_role("button", name=re.compile("^Delete")).click()
    expect(page.locator("#utilisation-past li")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["dark"], indirect=True)
def test_the_top_bar_fits_and_the_page_does_not_scroll_sideways(page, product):
    page.goto(f"{product}/utilisation")
    expect(page.locator(".fu-strip canvas").first).to_be_visible()
    for width in (1440, 420):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar = page.locator(".fs-top").bounding_box()
    assert bar["height"] < 60
