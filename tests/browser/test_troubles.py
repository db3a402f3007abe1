"""What a page says when a part of the product is silent, with the part really stopped."""

import os
import re
import signal

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser
SOON = 15_000
"""Milliseconds within which a page says what is the matter."""


def test_play_says_that_its_worker_is_frozen_and_stops_saying_so(page, product):
    page.goto(f"{product}/")
    dot = page.locator("#fs-connection")
    expect(dot).to_have_text("live")
    [pid] = [worker["pid"] for worker in call(f"{product}/api/health")["workers"] if worker["queue"] == "interactive"]
    os.kill(pid, signal.SIGSTOP)
    try:
        expect(page.locator("#fs-trouble")).to_contain_text("No interactive worker shows a sign of life", timeout=SOON)
        expect(dot).to_have_text("not live")
        expect(page.locator("#fs-health")).to_have_text(re.compile("no worker|queue"))
        page.goto(f"{product}/runs")
        expect(page.locator("#fs-trouble")).to_contain_text("No interactive worker shows a sign of life", timeout=SOON)
        expect(page.locator(".fr-kept")).to_contain_text("the newest 200 are kept")
    finally:
        os.kill(pid, signal.SIGCONT)
    expect(page.locator("#fs-trouble")).to_be_empty(timeout=SOON)
    expect(dot).to_have_text("live")
