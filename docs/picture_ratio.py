"""Make the picture of docs/ratio.md anew: ``python -m docs.picture_ratio``. All sixty runs of ``ratio-digits``."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from foldscape.reading import read_mapping
from foldscape.sweep.presets import preset
from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product, wait_until_done

PLACE = Path(__file__).parent / "images" / "ratio.png"


def done(url: str) -> str:
    """Carry the sweep out, and give its id."""
    sweep = str(call(f"{url}/api/sweeps", read_mapping(preset("ratio-digits")))["id"])
    wait_until_done(url, f"/api/sweeps/{sweep}", seconds=3600)
    return sweep


def main() -> None:
    """Start the product, carry the sweep out, take the picture of sharpness and accuracy against the ratio."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        sweep = done(url)
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/compare?sweep={sweep}&measure=lambda_none&x=ratio&colour=ratio")
        page.locator("#compare-scatter").get_by_text("6 shared seeds").first.wait_for()
        page.wait_for_timeout(1500)  # the pictures are drawn a moment later
        page.locator("#compare-scatter").screenshot(path=PLACE)


if __name__ == "__main__":
    main()
