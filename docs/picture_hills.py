"""Make the picture of docs/hills.md anew, a run with two hills: ``python -m docs.picture_hills``."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product

PLACE = Path(__file__).parent / "images" / "hills.png"
RUN: dict[str, Any] = {
    "data": {"kind": "moons"},
    "net": {"hidden": [8, 8]},
    "optimizer": {"kind": "momentum", "lr": 0.05},
    "stop": {"epochs": 60},
    "terms": [{"kind": "hills", "at_epochs": [20, 40]}],
}


def main() -> None:
    """Start the product, train, take the picture of the plane of the path."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        run = call(f"{url}/api/runs", RUN)["id"]
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/landscape?run={run}&view=path&side=101")
        page.locator("#landscape-hills").wait_for(timeout=120_000)
        page.wait_for_timeout(15_000)  # all cells, and the pictures of them
        left, right = (page.locator(f"#landscape-{name}").bounding_box() for name in ("map", "relief"))
        assert left is not None
        assert right is not None
        wide = right["x"] + right["width"] - left["x"]
        tall = max(box["y"] + box["height"] for box in (left, right)) - left["y"]
        page.screenshot(path=PLACE, clip={"x": left["x"], "y": left["y"], "width": wide, "height": tall})


if __name__ == "__main__":
    main()
