"""One running product and one Chromium for all browser tests; any message in the browser's console fails a test.

Tests share a context, and with it the browser's cache: a page's 200 modules are fetched and compiled once, not once a
test. What a page may have kept (storage, cookies) is forgotten after each test, and runs that it left are stopped.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.error import HTTPError

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.install import find
from tests.browser.waiting import waits_for
from tests.product import call, running_product

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE = {"width": 1440, "height": 900}


OVER = ("done", "stopped", "failed")


@pytest.fixture(scope="package")
def picture_folder(tmp_path_factory):
    """Where the product looks for folders of pictures, and for published sets first."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="package")
def product(tmp_path_factory, picture_folder):
    with running_product(tmp_path_factory.mktemp("product"), FOLDSCAPE_DATA=str(picture_folder)) as url:
        yield url


@pytest.fixture(scope="package")
def context(tmp_path_factory):
    """Chromium, closed with the package: Playwright keeps an event loop running in this thread until then.

    It has a profile on disk, where it keeps compiled modules too; a private window would compile them for each page.
    """
    with sync_playwright() as playwright:
        folder = tmp_path_factory.mktemp("profile")
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=find(), args=FLAGS, viewport=SIZE
        )
        yield context
        context.close()


@pytest.fixture(params=["light"])
def scheme(request):
    return request.param


@pytest.fixture
def forgetting(context, product):
    """Afterwards, as if nobody had been here; the first page stays open, since Chromium ends with its last."""
    yield
    first, *others = context.pages
    for page in others:
        page.close()
    everything = {"origin": product, "storageTypes": "all"}
    context.new_cdp_session(first).send("Storage.clearDataForOrigin", everything)
    context.clear_cookies()
    stop_runs(product)


def stop_runs(product):
    """Leave no run behind that would take the machine from the tests to come."""
    for run in call(f"{product}/api/runs")["runs"]:
        if run["state"] not in OVER:
            with suppress(HTTPError):  # it is over by now
                call(f"{product}/api/runs/{run['id']}/commands", {"kind": "stop"})


@pytest.fixture
def page(context, scheme, forgetting):
    page = context.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_default_timeout(20_000)
    page.wait_for_function = waits_for(page)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.expected_errors = []
    yield page
    unexpected = [text for text in said if not any(part in text for part in page.expected_errors)]
    assert unexpected == []


class Told:
    """What the page tells about itself, and waiting for it."""

    def __init__(self, page):
        self.page = page

    def __call__(self, name):
        return self.page.evaluate(f"window.__foldscape?.{name}")

    def until(self, condition, argument=None):
        """Wait until a JS condition on ``f`` (what the page tells) and ``a`` (the argument) holds."""
        self.page.wait_for_function(
            f"a => {{ const f = window.__foldscape; return f && ({condition}); }}", arg=argument
        )


@pytest.fixture
def told(page):
    return Told(page)
