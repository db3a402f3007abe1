"""One running product and one Chromium for all browser tests; any message in the browser's console fails a test."""

from __future__ import annotations

import pytest

from tests.browser.install import find
from tests.browser.waiting import waits_for
from tests.product import running_product

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


@pytest.fixture(scope="session")
def product(tmp_path_factory):
    with running_product(tmp_path_factory.mktemp("product")) as url:
        yield url


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": find(), "args": FLAGS}


@pytest.fixture(params=["light"])
def browser_context_args(request):
    return {"viewport": SIZE, "color_scheme": request.param}


@pytest.fixture
def page(context):
    page = context.new_page()
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
