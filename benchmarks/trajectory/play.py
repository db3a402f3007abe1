"""Play with a hill, corrupted points and the critical region: ``python -m benchmarks.trajectory play``.

The whole product and one viewer in headless Chromium, on moons with a fifth of the labels at random, a 2-16-16-2 net,
20 epochs and frames a second. Frames shown a second with everything on, beside those of the same net without, in turns:
the machine may be shared. The goal is 20 a second on a machine of its own.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, ViewportSize, sync_playwright

from benchmarks.eye import WATCH
from benchmarks.machine import describe
from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product

SECONDS, ROUNDS = 6, 4
VIEWPORT = ViewportSize(width=SIZE["width"], height=SIZE["height"])
QUERY = "/?v=1&pl=0&d=moons&h=16-16"
DRAWS = """() => {
  const f = window.__foldscape, times = [];
  for (let i = 0; i < 40; i += 1) times.push(f.drawingTime());
  return times.sort((a, b) => a - b)[20];
}"""


def shown_in(page: Page, seconds: float) -> float:
    """Give the frames shown a second."""
    page.evaluate("window.shown.length = 0")
    time.sleep(seconds)
    return float(page.evaluate("window.shown.length")) / seconds


def opened(page: Page, url: str, *, everything: bool) -> Page:
    """Open Play and let it run in."""
    page.goto(f"{url}{QUERY}{'&cl=0.2' if everything else ''}")
    while not page.evaluate("(window.__foldscape?.framesDrawn ?? 0) >= 40"):
        time.sleep(0.2)
    if everything:
        page.keyboard.press("h")
        page.keyboard.press("k")
    page.evaluate(WATCH)
    time.sleep(2)
    return page


def main() -> None:
    """Measure plain and full in turns, on one product."""
    print(f"# {describe()}")
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        rates: dict[bool, list[float]] = {False: [], True: []}
        draws: dict[bool, list[float]] = {False: [], True: []}
        for turn in range(2 * ROUNDS):
            everything = turn % 2 == 1
            context = browser.new_context(viewport=VIEWPORT)
            page = opened(context.new_page(), url, everything=everything)
            rates[everything].append(shown_in(page, SECONDS))
            draws[everything].append(page.evaluate(DRAWS))
            run = page.evaluate("window.__foldscape.run")
            if everything:
                told = {name: round(ms, 2) for name, ms in call(f"{url}/api/runs/{run}")["probe_ms"].items()}
            call(f"{url}/api/runs/{run}/commands", {"kind": "stop"})
            context.close()
        browser.close()
    plain, full = median(rates[False]), median(rates[True])
    print(f"frames shown a second   plain {plain:5.1f}   everything {full:5.1f}   ratio {full / plain:.2f}   goal 20")
    print(f"drawing a frame, ms     plain {median(draws[False]):5.1f}   everything {median(draws[True]):5.1f}")
    print(f"worker, ms a measurement {told}")


if __name__ == "__main__":
    main()
