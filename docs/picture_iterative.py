"""Make the picture of docs/iterative.md anew: ``python -m docs.picture_iterative``: a residual net on its page."""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product, wait_until_done

PLACE = Path(__file__).parent / "images" / "iterative.png"
RUN = {
    "data": {"kind": "digits"},
    "net": {"wiring": "res_mlp"},
    "optimizer": {"kind": "sgd", "lr": 0.02},
    "batch": 32,
    "stop": {"epochs": 60},
    "probes": [{"kind": "frame"}, {"kind": "iterative", "every": 20}],
}


def main() -> None:
    """Start the product, train, unroll the last block three more times, take the picture of the panels."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        run = call(f"{url}/api/runs", RUN)["id"]
        wait_until_done(url, f"/api/runs/{run}", seconds=400)
        page.goto(f"{url}/runs/{run}")
        page.locator("#run-unrolled-now").get_by_text("plain").wait_for(timeout=60_000)
        page.set_viewport_size(SIZE | {"height": 2000})  # all panels below the head
        page.locator(".fx-unrolled input").fill("3")
        page.wait_for_function("document.querySelector('#run-unrolled').data?.[2]?.x[0] === 3")
        page.wait_for_timeout(2500)  # curves are drawn a moment later
        page.locator("#run-measures").screenshot(path=PLACE)


if __name__ == "__main__":
    main()
