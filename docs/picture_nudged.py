"""Make the picture of docs/nudged.md anew: ``python -m docs.picture_nudged``. A run of nudged SGD on its page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.install import find
from tests.product import call, running_product, wait_until_done

PLACE = Path(__file__).parent / "images" / "nudged.png"
SIZE = {"width": 1440, "height": 1400}
RUN: dict[str, Any] = {
    "data": {"kind": "digits"},
    "net": {"hidden": [64]},
    "optimizer": {"kind": "nudged", "lr": 0.5, "auto": True, "k": 3},
    "batch": 32,
    "queue": "batch",
    "stop": {"epochs": 40},
    "probes": [{"kind": "frame"}, {"kind": "oscillation", "every": 1, "k": 2}],
}


def main() -> None:
    """Start the product, train, take the picture of the panels of what was measured."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        run = str(call(f"{url}/api/runs?name=nudged", RUN)["id"])
        wait_until_done(url, f"/api/runs/{run}", seconds=900)
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/runs/{run}")
        page.locator("#run-step_correlation canvas, #run-step_correlation svg").first.wait_for()
        page.wait_for_timeout(2000)  # curves are drawn a moment after they came
        page.locator(".fx-measures").screenshot(path=PLACE)


if __name__ == "__main__":
    main()
