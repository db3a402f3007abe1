"""The page that compares groups in the real browser: from the table of runs to the verdict, and its refusal."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call, wait_until_done

pytestmark = pytest.mark.browser

RUN = {
    "data": {"kind": "moons", "n": 120},
    "batch": 20,
    "stop": {"epochs": 12},
    "probes": [{"kind": "frame"}, {"kind": "curvature", "every": 2}, {"kind": "slice", "every": 4}],
}
FIXED = {"net": {"hidden": [5]}}
GROWN = {
    "net": {"hidden": [2]},
    "growth": {
        "rule": {"kind": "random_direction"},
        "schedule": {"kind": "periodic", "start": 2, "every": 2, "births": 3},
    },
}
SEEDS = 3


def made(product, name, **changes):
    return call(f"{product}/api/runs?name={name}&tags=held", {**RUN, **changes})["id"]


def done(product, *runs):
    wait_until_done(product, *(f"/api/runs/{run}" for run in runs))


@pytest.fixture(scope="module")
def groups(product):
    grown = [made(product, f"grown-{seed}", seed=seed, **GROWN) for seed in range(SEEDS)]
    fixed = [made(product, f"fixed-{seed}", seed=seed, **FIXED) for seed in range(SEEDS)]
    done(product, *grown, *fixed)
    return grown, fixed


@pytest.fixture
def opened(page, product, groups):
    page.goto(f"{product}/compare?runs={','.join(groups[0] + groups[1])}")
    expect(page.locator("#compare-verdict tbody tr")).to_have_count(2)
    return page


def verdict(page):
    return page.locator("#compare-verdict")


def summaries(page):
    """What each chart tells of each group."""
    return page.locator(".fc-curves .chart").evaluate_all("charts => charts.map(c => c.getAttribute('aria-label'))")


def test_runs_ticked_in_the_table_lead_to_their_verdict(page, product, groups):
    page.goto(f"{product}/runs?q=held")
    expect(page.locator("#runs-foot")).to_contain_text(re.compile("^6 runs|6 shown"))
    page.locator(".ag-header .ag-checkbox-input").check()
    expect(page.locator("#runs-compare")).to_have_text("Compare 6")
    page.locator("#runs-compare").click()
    page.wait_for_url(re.compile("/compare\\?"))
    expect(verdict(page)).to_contain_text("Verdict at equal training loss")
    found = call(f"{product}/api/comparisons", {"runs": groups[0] + groups[1]})
    for row in found["verdicts"]:
        line = verdict(page).locator(f"tr[data-measure='{row['measure']}']")
        expect(line).to_contain_text(row["reading"])
        expect(line).to_contain_text(f"×{row['ratio']:.3g}")
    expect(verdict(page)).to_contain_text("With 3 pairs p cannot go below 0.25")
    expect(page.locator("#compare-table tbody tr")).to_have_count(2)


def test_the_clock_moves_pictures_and_charts_and_stays_in_the_address(opened, product):
    page = opened
    captions = page.locator(".fc-picture .panel-note")
    expect(captions.first).to_contain_text("epoch")
    page.locator("#compare-by").select_option("updates")
    expect(verdict(page)).to_contain_text("Verdict at equal updates")
    page.locator("#compare-at").focus()
    page.keyboard.press("Home")
    expect(captions.nth(0)).to_contain_text("epoch 0")
    expect(captions.nth(1)).to_contain_text("epoch 0")
    page.get_by_role("button", name="Next seed").click()
    expect(page.locator(".fc-seed")).to_have_text("seed 1")
    page.wait_for_url(re.compile("by=updates.*seed=1.*at=0"))
    page.reload()
    expect(page.locator(".fc-seed")).to_have_text("seed 1")
    expect(captions.first).to_contain_text("epoch 0")
    expect(page.locator(".fc-share")).to_have_text(re.compile("%"))


def test_hiding_a_group_changes_no_number_of_the_other(opened):
    page = opened
    page.wait_for_function("document.querySelectorAll('.fc-curves .chart[aria-label*=\"grown\"]').length >= 4")
    before, rows = summaries(page), verdict(page).inner_text()
    page.locator(".fc-group").filter(has_text="fixed").click()
    page.wait_for_function("!document.querySelector('.fc-curves .chart[aria-label*=\"fixed\"]')")
    for old, new in zip(before[:4], summaries(page)[:4], strict=True):
        assert new in old
    assert verdict(page).inner_text() == rows
    page.wait_for_url(re.compile("hide="))


def test_axes_that_are_not_locked_say_so(opened):
    page = opened
    expect(page.locator(".fc-pane .panel-note").filter(has_text="axes not locked")).to_have_count(0)
    page.locator("#compare-lock").click()
    expect(page.locator(".fc-pane .panel-note").filter(has_text="axes not locked")).to_have_count(6)


def test_every_chart_can_be_read_as_a_table(opened):
    page = opened
    page.get_by_role("button", name="Test accuracy as a table").click()
    expect(page.locator(".fc-numbers:visible tbody tr").first).to_contain_text(re.compile("grown|fixed"))


def test_what_is_not_comparable_is_refused_and_its_common_part_offered(page, product, groups):
    other = made(product, "rings-0", seed=0, data={"kind": "rings", "n": 120}, **FIXED)
    done(product, other)
    page.goto(f"{product}/compare?runs={','.join([*groups[0], *groups[1], other])}")
    expect(verdict(page).get_by_role("alert")).to_contain_text("differ in their data")
    page.locator("#compare-common").click()
    expect(page.locator("#compare-verdict tbody tr")).to_have_count(2)


def test_without_runs_in_the_address_groups_are_offered(page, product, groups):
    page.goto(f"{product}/compare")
    expect(page.locator(".fc-offers li").filter(has_text="3 seeds")).to_have_count(2)
    for name in ("grown", "fixed"):
        page.locator(".fc-offers li").filter(has_text="3 seeds").filter(has_text=name).locator("input").check()
    page.locator("#compare-go").click()
    expect(verdict(page)).to_contain_text("grown / fixed · 3 pairs by seed.")


@pytest.mark.parametrize("scheme", ["dark"], indirect=True)
def test_the_page_does_not_scroll_sideways(opened):
    for width in (1440, 420):
        opened.set_viewport_size({"width": width, "height": 900})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
