"""Memorisation in the real browser: the study of who is learnt first, from the list to the table."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


@pytest.fixture
def empty(product):
    for study in call(f"{product}/api/studies")["studies"]:
        call(f"{product}/api/studies/{study['id']}", method="DELETE")


def test_who_is_learnt_first_from_the_list_to_the_table(page, product, empty):
    page.goto(f"{product}/studies")
    page.get_by_role("link", name="Who is learnt first").click()
    expect(page.locator(".fd-card")).to_have_count(4)
    page.locator("#learnt-first-runs").fill("3")
    expect(page.locator("#learnt-first-go")).to_have_text("Train 12 nets")
    page.locator("#learnt-first-go").click()
    page.wait_for_url(re.compile("study=[0-9a-f]+"))
    expect(page.locator("#learnt-first-standing")).to_contain_text("Done in", timeout=90_000)
    found = call(f"{product}/api/studies/{page.url.partition('study=')[2]}")
    expect(page.locator(".fu-verdict")).to_have_text(found["verdict"])
    expect(page.locator("#learnt-first-table tbody tr")).to_have_count(5)
    clean = page.locator("#learnt-first-table tr[data-row='mixed.clean'] td")
    expect(clean.nth(1)).to_have_text(str(sum(found["rows"][3]["parts"][0]["counts"])))
    page.locator(".ask[data-measure='learnt_excess']").first.click()
    expect(page.locator(".meaning")).to_contain_text("binomial")


def test_no_run_at_all_is_refused_in_a_sentence(page, product, empty):
    page.expected_errors.append("422")  # Chromium tells of it itself
    page.goto(f"{product}/studies/learnt-first")
    page.locator("#learnt-first-runs").fill("1")
    page.locator("#learnt-first-go").click()
    expect(page.locator("#learnt-first-start [role=alert]")).to_contain_text("runs")
