"""Make the picture of docs/nets.md anew: ``python -m docs.picture_nets``. Four kinds of nets learn digits."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product, wait_until_done

PLACE = Path(__file__).parent / "images" / "nets.png"
RUN: dict[str, Any] = {
    "data": {"kind": "digits"},
    "batch": 64,
    "optimizer": {"kind": "adam", "lr": 0.003},
    "stop": {"epochs": 12},
    "probes": [],
    "queue": "batch",
}
NETS: tuple[dict[str, Any], ...] = (
    {"hidden": [64], "output_scale": 1},
    {"wiring": "cnn"},
    {"wiring": "resnet", "width": 8},
    {"wiring": "res_mlp", "blocks": 4},
)


def trained(url: str) -> list[str]:
    """Train all nets, and give the names of their runs."""
    runs = [str(call(f"{url}/api/runs", {**RUN, "net": net, "seed": seed})["id"]) for net in NETS for seed in (1, 2, 3)]
    for run in runs:
        wait_until_done(url, f"/api/runs/{run}", seconds=900)
    return runs


def main() -> None:
    """Start the product, train, take the picture of the table at equal compute."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        runs = trained(url)
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/compare?runs={','.join(runs)}&by=flops&measure=test_accuracy")
        page.locator("#compare-table tbody tr").first.wait_for()
        page.wait_for_timeout(1500)  # figures come a moment later
        page.locator("#compare-table").screenshot(path=PLACE)


if __name__ == "__main__":
    main()
