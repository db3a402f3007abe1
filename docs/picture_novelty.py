"""Make the picture of docs/novelty.md anew: ``python -m docs.picture_novelty``. A run on digits, on its page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product

PLACE = Path(__file__).parent / "images" / "novelty.png"
RUN = {
    "data": {"kind": "digits"},
    "net": {"hidden": [32], "output_scale": 1},
    "optimizer": {"kind": "adam", "lr": 0.003},
    "stop": {"epochs": 20},
    "probes": [{"kind": "frame"}, {"kind": "novelty", "every": 5}],
}


def main() -> None:
    """Start the product, train, open the most missed digit, take the picture of both."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        run = call(f"{url}/api/runs", RUN)["id"]
        page.goto(f"{url}/runs/{run}")
        page.locator("#run-novelty-now").get_by_text("memoriser").wait_for(timeout=120_000)
        page.locator("button.fx-tile").first.click()
        page.locator(".fx-nearest .fx-facts").wait_for(timeout=60_000)
        page.locator("#run-measures").scroll_into_view_if_needed()
        page.wait_for_timeout(2500)  # curves are drawn a moment later
        page.screenshot(path=PLACE)


if __name__ == "__main__":
    main()
