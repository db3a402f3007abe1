"""Schedules in Launch, on the run page and in Play, in the real browser on the whole product."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


def choose(page, field, kind):
    page.locator(f"[data-path='{field}.kind'] select").first.select_option(kind)


def test_launch_draws_the_rate_and_refuses_what_does_not_fit(page, product):
    page.goto(f"{product}/launch")
    choose(page, "lr_schedule", "sgdr")
    page.locator("details[data-path='batch_schedule'] > summary").click()
    choose(page, "batch_schedule", "step")
    picture = page.locator("[data-path='lr_schedule'] .schedule")
    expect(picture).to_contain_text("restarts at epochs 10, 30, 70")
    expect(picture).to_contain_text(re.compile(r"batches of \d+, \d+"))
    page.locator("[data-path='lr_schedule.cycle'] input").fill("999999")
    expect(page.locator("[data-path='lr_schedule.cycle'] .fl-error")).to_contain_text("set cycle lower")
    expect(picture).to_have_count(0)


def test_the_run_page_marks_restarts(page, product):
    spec = {
        "lr_schedule": {"kind": "sgdr", "cycle": 10, "factor": 1},
        "batch_schedule": {"kind": "step", "every": 20},
        "stop": {"epochs": 60},
    }
    made = call(f"{product}/api/runs", spec)
    page.goto(f"{product}/runs/{made['id']}")
    expect(page.locator("#run-head")).to_contain_text("done", timeout=60_000)
    expect(page.locator("#run-head")).to_contain_text("280 of 280 updates")
    page.wait_for_function("foldscapeRun.session.restarted.length === 5")
    drawn = "document.querySelector('#run-loss .fx-inner').data?.find(({ line }) => line?.dash === 'dot')?.x"
    page.wait_for_function(f"{drawn}?.filter((x) => x !== null).length === 10")
    assert page.evaluate(drawn)[::3] == [10, 20, 30, 40, 50]


def test_play_follows_a_schedule_and_keeps_it_in_its_address(page, product):
    page.goto(product)
    page.wait_for_function("window.__foldscape?.run")
    first = page.evaluate("__foldscape.run")
    page.locator(".more summary").click()
    choose(page, "lr_schedule", "cosine")
    expect(page.locator(".play .schedule")).to_contain_text("learning rate 0.03 at first", timeout=30_000)
    page.wait_for_function(f"__foldscape.run && __foldscape.run !== '{first}'")
    run = call(f"{product}/api/runs/{page.evaluate('__foldscape.run')}")
    assert run["spec"]["lr_schedule"]["kind"] == "cosine"
    page.wait_for_url(re.compile(r"ls=%7B"))
    page.expected_errors = ["422"]
    page.locator("[data-path='lr_schedule.lr_min'] input").fill("7")
    expect(page.locator(".field-error[data-path='lr_schedule']")).to_contain_text("set it lower", timeout=30_000)
