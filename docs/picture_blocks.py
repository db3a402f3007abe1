"""Make the picture of a net's blocks in Launch anew: ``python -m docs.picture_blocks``.

ResNet-20 on digits: its facts and its drawing beside the form, one block told.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import running_product

PLACE = Path(__file__).parent / "images" / "blocks.png"


def main() -> None:
    """Start the product, choose data and net, take the picture."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE | {"height": 1400})
        page.goto(f"{url}/launch")
        page.locator("[data-path='data.kind'] select").select_option("digits")
        page.locator("[data-path='net.wiring'] select").select_option("resnet")
        page.locator("[data-path='net.n'] input").fill("3")
        net = page.locator("[data-path='net']")
        expect(net.locator(".blocks-block")).to_have_count(11)
        net.locator("[data-block='stage2_1']").focus()
        net.screenshot(path=PLACE)


if __name__ == "__main__":
    main()
