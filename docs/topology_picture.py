"""Make the picture of the topology anew: ``python -m docs.topology_picture``.

The plane through three nets that were trained on moons from three seeds, with their basins.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS
from tests.browser.install import find
from tests.product import call, running_product, wait_until_done

PLACE = Path(__file__).parent / "images" / "topology.png"
SIZE = {"width": 1440, "height": 1200}
RUN: dict[str, Any] = {
    "data": {"kind": "moons", "n": 200},
    "net": {"hidden": [8]},
    "batch": 20,
    "stop": {"epochs": 60},
    "probes": [{"kind": "frame"}],
}


def trained(url: str, seed: int) -> str:
    """Train one net, and give the name of its run."""
    run = str(call(f"{url}/api/runs?name=seed {seed}".replace(" ", "%20"), {**RUN, "seed": seed})["id"])
    wait_until_done(url, f"/api/runs/{run}")
    return run


def main() -> None:
    """Start the product, train three nets, take the picture of their plane."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        first, second, third = (trained(url, seed) for seed in (1, 2, 3))
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/landscape?run={first}&x=to:{second}&y=to:{third}&scale=own&order=0&range=1.5&side=101")
        page.wait_for_function("/ cells in /.test(document.querySelector('#landscape-standing')?.textContent)")
        page.wait_for_timeout(1000)  # pictures are drawn a few times a second
        top, last = (page.locator(one).bounding_box() for one in (".fq-main", "#landscape-topology"))
        assert top is not None
        assert last is not None
        height = last["y"] + last["height"] - top["y"]
        page.screenshot(path=PLACE, clip={"x": top["x"], "y": top["y"], "width": top["width"], "height": height})


if __name__ == "__main__":
    main()
