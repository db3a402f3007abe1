"""From the worker to the eye: ``python -m benchmarks.eye``.

The whole product, one viewer in headless Chromium on a 2-16-16-16-2 net at 20 epochs and frames a second. The time of a
write is when a reader blocked on the run's stream gets it; the time of a repaint is the first animation frame after the
page shows that frame. Goals: p95 under 120 ms, 20 frames a second; a viewer slowed fourfold stays within 1 s and loses
no row; a fresh run shows its first frame with p95 under 300 ms; commands take effect within 100 ms; a fold moved by
hand shows what it would bring within 100 ms.
"""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from statistics import median, quantiles

import redis
from playwright.sync_api import Page, sync_playwright

from benchmarks.machine import describe
from tests.browser.conftest import FLAGS, SIZE
from tests.browser.install import find
from tests.product import call, running_product

SECONDS, STARTS, COMMANDS = 15, 20, 20
WATCH = """() => {
  window.shown = [];
  let last = null;
  const look = () => {
    const step = window.__foldscape.shownStep;
    if (step !== last) { last = step; requestAnimationFrame(() => window.shown.push([step, Date.now()])); }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
RESET = """() => new Promise((done) => {
  const run = window.__foldscape.run, began = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'r', bubbles: true }));
  const look = () => {
    const f = window.__foldscape;
    if (f.run !== run && f.framesReceived > 0 && f.shownStep !== null) done(performance.now() - began);
    else requestAnimationFrame(look);
  };
  look();
})"""

PRESS = """(key) => new Promise((done) => {
  const fold = () => JSON.stringify(window.__foldscape.offer.fold), before = fold(), began = performance.now();
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  const look = () => {
    const shown = window.__foldscape.offer.there && fold() !== before;
    requestAnimationFrame(shown ? () => done(performance.now() - began) : look);
  };
  look();
})"""


class Reader(threading.Thread):
    """Notes when each frame of a run gets written."""

    def __init__(self, client: redis.Redis, run: str) -> None:
        super().__init__(daemon=True)
        self.client, self.key = client, f"fs:run:{run}:frames"
        self.written: dict[int, float] = {}
        self.going = True

    def run(self) -> None:
        """Read until told to end."""
        cursor = self.client.xinfo_stream(self.key)["last-generated-id"]
        while self.going:
            for _, entries in self.client.xread({self.key: cursor}, block=1000):
                for cursor, _ in entries:
                    self.written[int(cursor.split(b"-")[0])] = time.time() * 1000


def watch(page: Page, client: redis.Redis, seconds: float) -> tuple[list[float], float]:
    """Give the delays of the frames shown within some seconds, ms, and their rate."""
    reader = Reader(client, page.evaluate("window.__foldscape.run"))
    reader.start()
    page.evaluate("window.shown.length = 0")
    time.sleep(seconds)
    shown = page.evaluate("window.shown")
    reader.going = False
    delays = [at - reader.written[step] for step, at in shown if step in reader.written]
    return delays, len(shown) / seconds


def take_effect(url: str, client: redis.Redis, run: str, commands: list[dict]) -> list[float]:
    """Give the milliseconds from sending each command to reading that it took effect."""
    key = f"fs:run:{run}:events"
    times = []
    for command in commands:
        cursor = client.xinfo_stream(key)["last-generated-id"]
        began = time.perf_counter()
        call(f"{url}/api/runs/{run}/commands", command)
        wanted = f'"kind":"{command["kind"]}"'.encode()
        while wanted is not None:
            for _, entries in client.xread({key: cursor}, block=2000):
                cursor = entries[-1][0]
                heads = [fields[b"h"] for _, fields in entries]
                if wanted and any(b'"kind":"command"' in head and wanted in head for head in heads):
                    times.append((time.perf_counter() - began) * 1000)
                    wanted = None
    return times


def previews(page: Page) -> tuple[list[float], list[float]]:
    """Give the milliseconds from a key to the picture of a fold moved by hand, and of the best fold with its map."""
    page.evaluate(PRESS, "m")
    by_hand = [page.evaluate(PRESS, key) for key in ["ArrowUp", "[", "ArrowRight", "]"] * (COMMANDS // 4)]
    page.keyboard.press("Escape")
    best = []
    for _ in range(COMMANDS):
        best.append(page.evaluate(PRESS, "g"))
        page.keyboard.press("Escape")
    return by_hand, best


def tell(name: str, values: list[float], goal: str) -> None:
    """Print median, p95 and worst of some milliseconds."""
    p95 = quantiles(values, n=20)[-1]
    print(f"{name:<44} p50 {median(values):6.0f}   p95 {p95:6.0f}   worst {max(values):6.0f} ms   goal {goal}")


def main() -> None:
    """Measure one after the other, on one product and one page."""
    print(f"# {describe()}")
    with tempfile.TemporaryDirectory() as folder, running_product(Path(folder)) as url, sync_playwright() as playwright:
        client = redis.Redis.from_url(f"unix://{Path(folder) / 'redis.sock'}?db=0", socket_timeout=None)
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        page = browser.new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/?v=1&pl=0&h=16-16-16")
        page.wait_for_function("window.__foldscape && window.__foldscape.framesDrawn > 60")
        page.evaluate(WATCH)
        delays, rate = watch(page, client, SECONDS)
        tell("write to repaint, 2-16-16-16-2", delays, "p95 < 120")
        print(f"{'frames shown':<44} {rate:.1f} a second   goal 20")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
        slow, rate = watch(page, client, SECONDS)
        tell(f"the same, slowed fourfold ({rate:.1f} frames/s)", slow, "< 1000")
        run = page.evaluate("window.__foldscape.run")
        call(f"{url}/api/runs/{run}/commands", {"kind": "pause"})
        page.wait_for_function("window.__foldscape.state === 'paused'")
        last = page.evaluate("window.__foldscape.lastStep")
        late = [step for step, _ in client.xrange(f"fs:run:{run}:metrics") if int(step.split(b"-")[0]) > last]
        gaps, doubles = page.evaluate("[window.__foldscape.gaps, window.__foldscape.duplicates]")
        print(f"{'rows lost / doubled by the slowed viewer':<44} {gaps + len(late)} / {doubles}")
        page.close()
        page = browser.new_page(viewport=SIZE, bypass_csp=True)
        page.goto(f"{url}/?v=1&pl=0")
        page.wait_for_function("window.__foldscape && window.__foldscape.framesDrawn > 20")
        tell("fresh run to its first frame", [page.evaluate(RESET) for _ in range(STARTS)], "p95 < 300")
        page.wait_for_function("window.__foldscape.lastStep > 80")
        run = page.evaluate("window.__foldscape.run")
        grow = {"kind": "grow", "rule": {"kind": "gradmax"}}
        for name, command, undo in (
            ("pause", {"kind": "pause"}, {"kind": "play"}),
            ("grow", grow, None),
            ("speed", {"kind": "speed", "epochs_per_second": 40}, None),
        ):
            times = []
            for _ in range(COMMANDS):
                times += take_effect(url, client, run, [command])
                if undo:
                    take_effect(url, client, run, [undo])
                time.sleep(0.13)
            tell(f"{name} takes effect", times, "< 100")
        page.goto(f"{url}/?v=1&pl=0&h=2")
        page.wait_for_function("window.__foldscape && window.__foldscape.framesDrawn > 20")
        by_hand, best = previews(page)
        tell("a fold moved by hand shows its gain", by_hand, "< 100")
        tell("best fold with its gain map is shown", best, "< 300")
        browser.close()


if __name__ == "__main__":
    main()
