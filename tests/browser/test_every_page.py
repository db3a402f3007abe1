"""Every page, on a screen and on phones: nothing runs over sideways, and the browser runs nothing that is not ours."""

import contextlib

import pytest
from playwright.sync_api import TimeoutError

from tests.product import call

pytestmark = pytest.mark.browser

LONG = "n" * 80
WIDTHS = (1280, 390, 375, 320)
TOO_WIDE = """() => {
  const wide = document.documentElement.clientWidth;
  const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > wide + 1);
  const names = over.slice(0, 5).map((e) => `${e.tagName}.${e.className.baseVal ?? e.className}`);
  return document.documentElement.scrollWidth > wide ? names.concat(document.documentElement.scrollWidth) : [];
}"""


@pytest.fixture(scope="module")
def runs(product):
    spec = {"stop": {"epochs": 2}, "queue": "batch"}
    births = {"kind": "periodic", "start": 1, "every": 1, "births": 1}
    grown = {"growth": {"rule": {"kind": "random_direction"}, "schedule": births}}
    much = {"net": {"hidden": [9, 9, 9, 8]}, "optimizer": {"kind": "sgd", "lr": 0.0123, "weight_decay": 0.00012}}
    for other in (grown | much, much):  # two groups that Compare suggests by their names
        call(f"{product}/api/runs", spec | {"batch": 16} | other)
    return [
        call(f"{product}/api/runs?name={name}&tags={'t' * 40}", spec | {"batch": batch})["id"]
        for name, batch in ((LONG, 32), ("short", 64))
    ]


def test_no_page_scrolls_sideways_and_all_live_under_their_policy(page, product, told, runs):
    first, second = runs
    for run in runs:
        page.goto(f"{product}/runs/{run}")
        page.locator("#run-head .fx-state").get_by_text("done").wait_for(timeout=60_000)
    there = {
        "/": "#play-time-buttons",
        "/runs": f".ag-row[row-id='{first}']",
        f"/runs/{first}": "#run-head h2",
        f"/compare?runs={first},{second}": "#compare-table tbody tr",
        "/compare": "#compare-suggested",
        "/compare/ensemble": "#ensemble-add",
        f"/compare/ensemble?members={first},{second}@cycles": ".fe-members li",
        f"/landscape?run={first}": "#landscape-run",
        "/launch": "#launch-button",
        "/launch?half=sweep": "#sweep-preset",
        "/utilisation": "#utilisation-start",
        "/studies": ".fd-kind",
        "/studies/sde": "#sde-start",
        "/studies/learnt-first": "#learnt-first-start",
        "/glossary": "#glossary table",
        "/nowhere": ".lost",
        "/docs": ".swagger-ui",
    }
    for path, landmark in there.items():
        page.set_viewport_size({"width": WIDTHS[0], "height": 800})
        answer = page.goto(f"{product}{path}")
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        page.locator(landmark).first.wait_for()
        for width in WIDTHS if path != "/docs" else ():  # not a page of ours
            page.set_viewport_size({"width": width, "height": 800})
            with contextlib.suppress(TimeoutError):  # charts follow the window a moment later
                page.wait_for_function(f"() => ({TOO_WIDE})().length === 0", timeout=5000)
            over = page.evaluate(TOO_WIDE)
            assert not over, f"{path} at {width} px: {over}"


def test_a_long_name_hides_neither_state_nor_hands(page, product, runs):
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{product}/runs/{runs[0]}")
    for part in ("#run-head .fx-state", "#run-head h2", "#run-head [title=Delete]"):
        place = page.locator(part)
        place.wait_for()
        box = place.bounding_box()
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 1280
    assert page.locator("#run-head h2").get_attribute("title") == LONG


def test_a_run_in_flight_has_room_for_its_buttons_and_every_tab_a_name(page, product):
    made = call(f"{product}/api/runs?name={LONG}", {"speed": 5, "stop": {"epochs": 3000}})
    for width in (1440, 1280, 1024, 390):
        page.set_viewport_size({"width": width, "height": 768})
        page.goto(f"{product}/runs/{made['id']}")
        page.locator("#run-head .fx-state").get_by_text("running").wait_for()
        page.get_by_role("button", name="Pause").wait_for()
        assert page.evaluate(TOO_WIDE) == [], width
    call(f"{product}/api/runs/{made['id']}/commands", {"kind": "stop"})
    for path, name in {
        "/": "Play",
        f"/runs/{made['id']}": "Runs",
        "/studies/sde": "Studies",
        "/glossary": "Glossary",
    }.items():
        page.goto(f"{product}{path}")
        page.wait_for_function(f"document.title === '{name} · Foldscape'")
