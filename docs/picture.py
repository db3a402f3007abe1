"""Make the picture of the README anew: ``python -m docs.picture``.

Rings after two births of the best fold: three folds, six fold points.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import running_product

PLACE = Path(__file__).parent / "images" / "play.png"


def main() -> None:
    """Start the product, grow twice, take the picture."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/?v=1&pl=0")
        for births in (1, 2):
            page.wait_for_function(f"window.__foldscape?.lastStep > {births * 900}", timeout=120_000)
            page.keyboard.press("g")
            page.wait_for_function("window.__foldscape.offer.there")
            page.keyboard.press("g")
            page.wait_for_function(f"window.__foldscape.births.length === {births}")
        page.wait_for_function("window.__foldscape.lastStep > 2700", timeout=120_000)
        page.keyboard.press("Space")
        page.wait_for_function("window.__foldscape.state === 'paused'")
        page.wait_for_timeout(1500)  # the curves are drawn a few times a second
        page.screenshot(path=PLACE)


if __name__ == "__main__":
    main()
