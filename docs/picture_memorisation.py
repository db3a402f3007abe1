"""Make the picture of docs/memorisation.md anew: ``python -m docs.picture_memorisation``. The study by its button."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import running_product

PLACE = Path(__file__).parent / "images" / "memorisation.png"


def main() -> None:
    """Start the product, run the study, take the picture of its rows."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/studies/learnt-first")
        page.locator("#learnt-first-go").click()
        page.locator("#learnt-first-standing").get_by_text("Done in").wait_for(timeout=300_000)
        page.wait_for_timeout(1500)  # the pictures are drawn a moment later
        page.locator("#learnt-first-pictures").screenshot(path=PLACE)


if __name__ == "__main__":
    main()
