"""Take the picture of an ensemble on Compare: ``python -m docs.picture_ensemble``. Five members of one seed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from docs.ensembles_picture import RUN
from tests.browser.conftest import FLAGS
from tests.browser.install import find
from tests.product import call, running_product

PLACE = Path(__file__).parent / "images" / "ensemble_page.png"
SIZE: Any = {"width": 1320, "height": 900}
MEMBERS = 5


def main() -> None:
    """Train five nets on draws of their own, measure them together, and save what the page shows."""
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        page = playwright.chromium.launch(executable_path=find(), args=FLAGS).new_page(viewport=SIZE, bypass_csp=True)
        specs = [RUN | {"member": member, "queue": "batch"} for member in range(MEMBERS)]
        runs = [call(f"{url}/api/runs?name=net-{number}", spec)["id"] for number, spec in enumerate(specs)]
        for run in runs:
            page.goto(f"{url}/runs/{run}")
            page.locator("#run-head .fx-state").get_by_text("done").wait_for(timeout=120_000)
        page.goto(f"{url}/compare/ensemble?members={','.join(runs)}")
        page.locator("#ensemble-go").click()
        expect(page.locator("#ensemble-standing")).to_contain_text("Done in", timeout=120_000)
        expect(page.locator(".fe-curves .chart svg").first).to_be_visible()
        page.screenshot(path=PLACE, full_page=True, clip={"x": 0, "y": 50, "width": SIZE["width"], "height": 1108})


if __name__ == "__main__":
    main()
