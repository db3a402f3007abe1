"""Make the picture of docs/surface.md anew: ``python -m docs.picture_surface``.

The six planes of the four directions in which training on moons moved most.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.install import find
from tests.product import call, running_product, wait_until_done

PLACE = Path(__file__).parent / "images" / "surface.png"
RUN: dict[str, Any] = {
    "data": {"kind": "moons", "n": 200},
    "net": {"hidden": [8, 8, 8, 8], "activation": "tanh"},
    "optimizer": {"kind": "sgd", "lr": 0.2},
    "batch": 20,
    "seed": 1,
    "stop": {"epochs": 60},
    "probes": [{"kind": "frame"}],
}


def main() -> None:
    """Start the product, train a net, take the picture of its planes."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        run = str(call(f"{url}/api/runs?name=moons", RUN)["id"])
        wait_until_done(url, f"/api/runs/{run}")
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 900}, bypass_csp=True)
        page.goto(f"{url}/landscape?run={run}&view=planes&k=4&along=p&side=51")
        page.wait_for_function("/ cells in /.test(document.querySelector('#landscape-standing')?.textContent)")
        page.wait_for_timeout(1000)  # pictures are drawn a few times a second
        page.locator(".fq-whole:has(#landscape-planes)").screenshot(path=PLACE)


if __name__ == "__main__":
    main()
