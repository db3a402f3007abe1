"""The sweep half of Launch, in the real browser on the whole product."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser

SMALL = """
question: Which learns faster?
base: {data: {kind: rings, n: 80}, net: {hidden: [3]}, stop: {epochs: 3}}
vary:
  lr: [0.01, 0.03]
seeds: 0-1
measure: {every: 2, flatness: [layer]}
"""


def write(page, product):
    page.goto(f"{product}/launch?half=sweep")
    expect(page.locator("#sweep-launch")).to_have_text(re.compile(r"Launch \d+"))
    page.locator("#sweep-side .fw-editor").fill(SMALL)
    expect(page.locator("#sweep-launch")).to_have_text("Launch 4")


def test_a_sweep_is_written_launched_and_its_dots_come(page, product):
    write(page, product)
    page.get_by_label("another learning rate").fill("0.1")
    page.get_by_label("another learning rate").press("Enter")
    expect(page.locator("#sweep-launch")).to_have_text("Launch 6")
    expect(page.locator("#sweep-side .fw-editor")).to_have_value(re.compile(r"lr: \[0\.01, 0\.03, 0\.1\]"))
    page.locator("#sweep-launch").click()
    page.wait_for_url(re.compile("sweep="))
    expect(page.locator("#sweep-standing")).to_contain_text("Done: 6 of 6 runs", timeout=90_000)
    expect(page.locator("#sweep-live canvas.fw-canvas")).to_have_attribute("aria-label", re.compile("^6 runs"))
    page.locator("#sweep-compare").click()
    page.wait_for_url(re.compile("compare.*sweep="))
    expect(page.locator("body")).to_contain_text("2 pairs by seed")


def test_a_fault_stands_beside_its_setting_and_holds_the_launch_back(page, product):
    write(page, product)
    page.get_by_role("button", name="+ batch").click()
    page.get_by_label("another batch").fill("many")
    page.get_by_label("another batch").press("Enter")
    expect(page.locator("[data-path='vary.batch'] .fl-error")).to_contain_text("many is no batch size")
    page.get_by_label("another batch").fill("256")
    page.get_by_label("another batch").press("Enter")
    place = page.locator("[data-path='vary.batch.256'] .fl-error")
    expect(place).to_contain_text("batch 256 is larger than the 60 training points")
    expect(page.locator("#sweep-launch")).to_be_disabled()
    page.locator("[data-path='vary.batch.256'] input[type=checkbox]").uncheck()
    expect(page.locator("#sweep-launch")).to_have_text("Launch 4")
    expect(place).to_have_count(0)


def test_an_old_sweep_is_opened_and_forgotten(page, product):
    spec = {
        "base": {"stop": {"epochs": 2}},
        "seeds": [0],
        "measure": {"flatness": []},
        "primary": {"measure": "train_loss"},
    }
    made = call(f"{product}/api/sweeps?name=old-one", spec)
    page.goto(f"{product}/launch?half=sweep")
    row = page.locator(f"[data-sweep='{made['id']}']")
    row.get_by_role("button", name="old-one", exact=True).click()
    expect(page.locator("#sweep-live .fw-title")).to_have_text("old-one")
    row.get_by_role("button", name="Delete old-one").click()
    expect(row).to_have_count(0)
    expect(page.locator("#sweep-live")).to_be_hidden()
