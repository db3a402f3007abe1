"""Launch, Runs and the run page, in the real browser on the whole product."""

import contextlib
import re

import pytest
from playwright.sync_api import TimeoutError as TooLate
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


def test_digits_launch_from_the_form_and_their_page_fills(page, product):
    page.goto(f"{product}/launch")
    page.locator("#launch-presets").get_by_text(re.compile("digits", re.I)).click()
    page.locator("[data-path='stop.epochs'] input").first.fill("4")
    page.locator("#launch-button").click()
    page.locator(".fl-results a").first.click()
    page.wait_for_url(re.compile("/runs/[0-9a-f]+"))
    run = page.url.rstrip("/").rpartition("/")[2]
    expect(page.locator("#run-head")).to_contain_text(re.compile("done"), timeout=60_000)
    expect(page.locator("#run-picture")).to_contain_text(re.compile("missed|confusion|class", re.I))
    assert call(f"{product}/api/runs/{run}")["test_accuracy"] > 0.1


def test_a_bad_field_is_told_beside_it_and_nothing_is_lost(page, product):
    page.expected_errors = ["422"]
    page.goto(f"{product}/launch")
    field = page.locator("[data-path='optimizer.lr'] input").first
    field.fill("-1")
    page.locator("#launch-button").click()
    expect(page.locator("[data-path='optimizer.lr'] .fl-error")).to_contain_text("-1")
    expect(field).to_have_value("-1")


def begin_from_here(page):
    """Press until the page has its first frame: before, it says that there is none to start from yet."""
    for _ in range(20):
        page.get_by_role("button", name="Start a new run from here").click()
        with contextlib.suppress(TooLate):
            page.wait_for_url(re.compile("/launch"), timeout=2_000)
            return
    raise AssertionError("no frame came to start from")


def test_a_new_run_starts_from_the_weights_at_the_cross_hair(page, product):
    made = call(f"{product}/api/runs?name=teacher", {"net": {"hidden": [3]}, "stop": {"epochs": 5}})
    page.goto(f"{product}/runs/{made['id']}")
    expect(page.locator("#run-head")).to_contain_text("done", timeout=60_000)
    begin_from_here(page)
    card = page.locator("[data-path='start']")
    expect(card.locator("[data-path='start.run'] input")).to_have_value(made["id"])
    step = int(card.locator("[data-path='start.step'] input").input_value())
    card.locator("summary").click()
    expect(card).to_contain_text("Begin with the weights of another run")
    expect(card.locator("[data-path='start.digest']")).to_have_count(0)
    page.locator("[data-path='seed'] input").first.fill("11")
    page.locator("#launch-button").click()
    page.locator(".fl-results a").first.click()
    page.wait_for_url(re.compile("/runs/[0-9a-f]+"))
    student = call(f"{product}/api/runs/{page.url.rstrip('/').rpartition('/')[2]}")
    assert (student["spec"]["start"]["run"], student["spec"]["start"]["step"]) == (made["id"], step)


def test_what_cannot_be_started_from_and_a_card_that_is_not_there_are_told_beside_their_fields(page, product):
    page.expected_errors = ["422"]
    made = call(f"{product}/api/runs", {"stop": {"epochs": 1}})
    page.goto(f"{product}/launch?like={made['id']}&start=nobody@3")
    page.locator("#launch-button").click()
    expect(page.locator("[data-path='start.run'] .fl-error")).to_contain_text("nobody is no run of this server")
    page.get_by_text("More: input noise").click()
    page.locator("[data-path='device'] select").select_option("cuda")
    page.locator("[data-path='queue'] select").select_option("gpu")
    expect(page.locator("[data-path='device'] .fl-error")).to_contain_text("needs a worker with an NVIDIA card")


def test_the_table_of_runs_is_live(page, product):
    page.goto(f"{product}/runs")
    made = call(f"{product}/api/runs?name=table-test", {"speed": 20})
    row = page.locator(f".ag-row[row-id='{made['id']}']").first
    expect(row).to_contain_text("running")
    call(f"{product}/api/runs/{made['id']}/commands", {"kind": "stop"})
    expect(row).to_contain_text("stopped")


def test_a_run_is_deleted_only_after_a_second_word(page, product):
    made = call(f"{product}/api/runs?name=delete-me", {"speed": 20})
    page.goto(f"{product}/runs")
    row = page.locator(f".ag-row[row-id='{made['id']}']")  # one part for each group of pinned columns
    row.get_by_title("Delete", exact=True).click()
    dialog = page.get_by_role("dialog").or_(page.get_by_role("alertdialog")).first
    expect(dialog).to_contain_text("delete-me")
    dialog.get_by_role("button", name=re.compile("delete", re.I)).click()
    expect(row).to_have_count(0)


def test_groups_of_seeds_are_chosen_whole_and_compared(page, product):
    runs = [
        call(f"{product}/api/runs?name=grouped-{batch}-{seed}", {"batch": batch, "seed": seed, "stop": {"epochs": 2}})[
            "id"
        ]
        for batch in (16, 64)
        for seed in (0, 1)
    ]
    page.goto(f"{product}/runs?q=grouped-&group=settings")
    lines = page.locator(".fg-row")
    expect(lines).to_have_count(2)
    for line in lines.all():
        expect(line).to_contain_text("done 2/2", timeout=60_000)
        expect(line.locator(".fg-figure").first).to_contain_text(re.compile(r"acc0\.\d{3} ±0\.\d{3}n 2"))
    rows = page.locator(".ag-center-cols-container .ag-row")
    expect(rows).to_have_count(0)
    lines.first.locator(".fg-fold").click()
    expect(rows).to_have_count(2)
    for line in lines.all():
        line.locator(".fg-box").check()
    expect(page.locator("#runs-foot")).to_contain_text(re.compile(r"2 groups · \d+ runs.* · 4 selected"))
    page.locator("#runs-compare").click()
    page.wait_for_url(re.compile("/compare\\?"))
    assert set(re.search(r"runs=([^&]+)", page.url)[1].split(",")) == set(runs)
    expect(page.locator("#compare-table tbody tr")).to_have_count(2)


def test_a_wrong_term_is_told_and_right_ones_filter(page, product):
    for batch in (16, 64):
        call(f"{product}/api/runs?name=sought-{batch}", {"batch": batch, "stop": {"epochs": 1}})
    page.goto(f"{product}/runs")
    search = page.locator("#runs-search")
    search.fill("sought- batch>=many")
    expect(page.locator("#runs-wrong")).to_contain_text("comes a number")
    expect(page.locator("#runs-foot")).to_contain_text("2 shown")
    page.locator("#runs-differences").check()
    expect(page.locator(".ag-header-cell[col-id='batch']")).to_be_visible()
    expect(page.locator(".ag-header-cell[col-id='data']")).to_have_count(0)
    search.fill("sought- batch>=64")
    expect(page.locator("#runs-wrong")).to_be_empty()
    expect(page.locator("#runs-foot")).to_contain_text("1 shown")


def test_a_loss_is_chosen_by_its_name_with_its_settings(page, product):
    page.goto(f"{product}/launch")
    loss = page.locator("[data-path='loss.kind'] select")
    expect(loss.locator("option")).to_have_text(["cross-entropy", "half squared error"])
    smoothing = page.locator("[data-path='loss.label_smoothing'] input")
    smoothing.fill("1")
    expect(page.locator("[data-path='loss.label_smoothing'] .fl-error")).to_contain_text("less than 1")
    smoothing.fill("0.1")
    expect(page.locator("[data-path='loss.label_smoothing'] .fl-error")).to_have_count(0)
    page.locator("[data-path='stop.epochs'] input").first.fill("4")
    page.locator("#launch-button").click()
    page.locator(".fl-results a").first.click()
    page.wait_for_url(re.compile("/runs/[0-9a-f]+"))
    run = page.url.rstrip("/").rpartition("/")[2]
    assert call(f"{product}/api/runs/{run}")["spec"]["loss"]["label_smoothing"] == 0.1
    page.goto(f"{product}/launch")
    loss.select_option(label="half squared error")
    expect(smoothing).to_have_count(0)


def test_nothing_can_be_typed_into_a_draft_before_there_is_one(page, product):
    held = []
    page.route("**/_dash-update-component", lambda route: held.append(route))
    page.goto(f"{product}/launch")
    editor = page.get_by_label("The spec as YAML")
    expect(page.locator("[data-path='optimizer.lr'] input")).to_be_visible()
    expect(editor).not_to_be_editable()
    page.get_by_label("name").first.fill("mine")
    page.unroute("**/_dash-update-component")
    for route in held:
        route.continue_()
    expect(editor).to_be_editable()
    expect(editor).to_have_value(re.compile("kind: rings"))
    expect(page.get_by_label("name").first).to_have_value("mine")


def test_nothing_can_be_typed_into_a_sweep_before_there_is_one(page, product):
    held = []
    page.route("**/api/sweep-presets", lambda route: held.append(route))
    page.goto(f"{product}/launch?half=sweep")
    editor = page.get_by_label("The sweep as YAML")
    expect(editor).not_to_be_editable()
    held[0].continue_()
    expect(editor).to_be_editable()
    expect(editor).to_have_value(re.compile("digits"))
