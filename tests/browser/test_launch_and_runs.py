"""Launch, Runs and the run page, in the real browser on the whole product."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


def test_digits_launch_from_the_form_and_their_page_fills(page, product):
    page.goto(f"{product}/launch")
    page.locator("#launch-presets").get_by_text(re.compile("digits", re.I)).click()
    page.locator("[data-path='stop.epochs'] input").first.fill("4")
    page.locator("#launch-button").click()
    page.locator(".fl-results a").first.click()
    page.wait_for_url(re.compile("/runs/[0-9a-f]+"))
    run = page.url.rstrip("/").rpartition("/")[2]
    expect(page.locator("#run-head")).to_contain_text(re.compile("done"), timeout=60_000)
    expect(page.locator("#run-picture")).to_contain_text(re.compile("missed|confusion|class", re.I))
    assert call(f"{product}/api/runs/{run}")["test_accuracy"] > 0.1


def test_a_bad_field_is_told_beside_it_and_nothing_is_lost(page, product):
    page.expected_errors = ["422"]
    page.goto(f"{product}/launch")
    field = page.locator("[data-path='optimizer.lr'] input").first
    field.fill("-1")
    page.locator("#launch-button").click()
    expect(page.locator("[data-path='optimizer.lr'] .fl-error")).to_contain_text("-1")
    expect(field).to_have_value("-1")


def test_the_table_of_runs_is_live(page, product):
    page.goto(f"{product}/runs")
    made = call(f"{product}/api/runs?name=table-test", {"speed": 20})
    row = page.locator(f".ag-row[row-id='{made['id']}']").first
    expect(row).to_contain_text("running")
    call(f"{product}/api/runs/{made['id']}/commands", {"kind": "stop"})
    expect(row).to_contain_text("stopped")


def test_a_run_is_deleted_only_after_a_second_word(page, product):
    made = call(f"{product}/api/runs?name=delete-me", {"speed": 20})
    page.goto(f"{product}/runs")
    row = page.locator(f".ag-row[row-id='{made['id']}']")  # one part for each group of pinned columns
    row.get_by_title("Delete", exact=True).click()
    dialog = page.get_by_role("dialog").or_(page.get_by_role("alertdialog")).first
    expect(dialog).to_contain_text("delete-me")
    dialog.get_by_role("button", name=re.compile("delete", re.I)).click()
    expect(row).to_have_count(0)
