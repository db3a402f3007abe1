"""The package of docs/extending.md in the real browser: listed by the forms, launched, and shown like all others."""

import re

import pytest
from playwright.sync_api import expect

from tests.extras import install
from tests.product import call, running_product

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def extended(tmp_path_factory):
    place = tmp_path_factory.mktemp("extras")
    with running_product(tmp_path_factory.mktemp("extended"), PYTHONPATH=install(place)) as url:
        yield url


def choose(page, path, kind):
    """Choose a kind in the form; its name may be spelt in any way."""
    choice = page.locator(f"[data-path='{path}'] select").first
    choice.select_option(kind)
    expect(choice).to_have_value(kind)


def test_launch_lists_what_a_package_adds_and_its_run_shows_it(page, extended):
    page.goto(f"{extended}/launch")
    for path, kind in (("data", "pinwheel"), ("optimizer", "lion"), ("loss", "focal")):
        choose(page, path, kind)
    page.locator("[data-path='stop.epochs'] input").first.fill("3")
    page.locator("#launch-button").click()
    page.locator(".fl-results a").first.click()
    page.wait_for_url(re.compile("/runs/[0-9a-f]+"))
    expect(page.locator("#run-head")).to_contain_text("done", timeout=60_000)
    run = call(f"{extended}/api/runs/{page.url.rstrip('/').rpartition('/')[2]}")
    spec = run["spec"]
    assert (spec["data"]["kind"], spec["optimizer"]["kind"], spec["loss"]) == ("pinwheel", "lion", "focal")


def test_the_schema_of_a_server_tells_its_columns_and_words(extended):
    schema = call(f"{extended}/api/schema")
    assert "path_norm" in [each["name"] for each in schema["measures"]]
    assert "focal loss" in [each["name"] for each in schema["losses"]]
