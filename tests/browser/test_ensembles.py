"""Ensembles on Compare in the real browser: from the groups to the heat maps, refused, stopped, on a small screen."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call, wait_until_done

pytestmark = pytest.mark.browser

RUN = {
    "data": {"kind": "moons", "n": 120, "noise": 0.2},
    "net": {"hidden": [6]},
    "stop": {"epochs": 4},
    "probes": [{"kind": "frame"}],
}


def made(product, name, **changes):
    return call(f"{product}/api/runs?name={name}", {**RUN, **changes})["id"]


@pytest.fixture(scope="module")
def runs(product):
    """Three members of one seed, one run with cycles, one on other points."""
    found = {f"net-{member}": made(product, f"net-{member}", member=member) for member in range(3)}
    found["cycling"] = made(product, "cycling", lr_schedule={"kind": "snapshot", "cycles": 2})
    found["elsewhere"] = made(product, "elsewhere", data={"kind": "gaussian_blobs", "k": 3, "n": 60})
    wait_until_done(product, *(f"/api/runs/{run}" for run in found.values()))
    return found


@pytest.fixture
def empty(product):
    for one in call(f"{product}/api/ensembles")["ensembles"]:
        call(f"{product}/api/ensembles/{one['id']}", method="DELETE")


def nets(runs):
    return [runs[f"net-{member}"] for member in range(3)]


def opened(page, product, members):
    page.goto(f"{product}/compare/ensemble?members={','.join(members)}")
    page.locator(".fe-members li").nth(len(members) - 1).wait_for()


def measured(page):
    page.locator("#ensemble-go").click()
    expect(page.locator("#ensemble-standing")).to_contain_text("Done in", timeout=60_000)


def test_from_the_groups_to_the_numbers_of_the_server(page, product, runs, empty, told):
    page.goto(f"{product}/compare?runs={','.join(nets(runs))}")
    page.locator("#compare-controls a[href*='members=']").get_by_text("Ensemble").click()
    page.wait_for_url(re.compile("/compare/ensemble\\?members="))
    expect(page.locator(".fe-members li")).to_have_count(3)
    measured(page)
    page.wait_for_url(re.compile("ensemble=[0-9a-f]+"))
    found = call(f"{product}/api/ensembles/{page.url.partition('&ensemble=')[2]}")
    rows = {row["key"]: row for row in found["rows"]}
    figures = page.locator("#ensemble-answer dd")
    expect(figures.nth(0)).to_have_text(f"{rows['added.3']['accuracy']:.3f}")
    expect(figures.nth(5)).to_have_text(f"{rows['mean_weights']['accuracy']:.3f}")
    lines = page.locator("#ensemble-table tbody tr")
    for line, member in zip(lines.all(), rows["members"]["members"], strict=True):
        expect(line).to_contain_text(f"{member['accuracy']:.3f}")
    told.until("f.known.matrix('distance')[0][1] === a", rows["pair.0-1"]["distance"])
    expect(page.locator(".fe-canvas")).to_have_attribute("data-members", "3")
    assert int(page.locator(".fe-canvas").get_attribute("data-together")) > 0
    heat = page.locator("[data-matrix='distance']")
    heat.locator("canvas").focus()
    page.keyboard.press("ArrowDown")
    expect(heat.locator(".fe-pair")).to_have_text(
        re.compile(rf"net-1@\d+ and net-0@\d+: {rows['pair.0-1']['distance']:.4g}")
    )
    heat.get_by_role("button", name="Parameter distance as a table").click()
    expect(heat.locator("tbody td").nth(1)).to_have_text(f"{rows['pair.0-1']['distance']:.2g}")
    page.reload()
    expect(page.locator("#ensemble-table tbody tr")).to_have_count(3)
    expect(page.locator("#ensemble-past li[aria-current='true']")).to_contain_text("net-0, net-1, net-2")


def test_moments_are_chosen_put_in_order_and_taken_out(page, product, runs, empty):
    opened(page, product, [runs["cycling"]])
    page.get_by_label("Moment of cycling").select_option("cycles")
    page.wait_for_url(re.compile("@cycles"))
    measured(page)
    ends = [member["step"] for member in call(f"{product}/api/ensembles")["ensembles"][0]["spec"]["members"]]
    steps = page.get_by_label("Update of cycling")
    expect(steps).to_have_count(2)
    assert [int(step.input_value()) for step in steps.all()] == ends
    page.get_by_role("button", name="Later: cycling").first.click()
    page.wait_for_url(re.compile(f"members={runs['cycling']}@{ends[1]},{runs['cycling']}@{ends[0]}$"))
    page.get_by_role("button", name="Remove: cycling").last.click()
    expect(page.locator(".fe-members li")).to_have_count(1)
    expect(page.locator("#ensemble-go")).to_have_text("Measure 1 member")
    page.locator("#ensemble-add").click()
    page.get_by_label("Search groups").fill("net-")
    for box in page.locator(".fc-offers input").all():
        box.check()
    page.locator("#compare-go").click()
    expect(page.locator(".fe-members li")).to_have_count(4)
    page.wait_for_url(re.compile(f"@{ends[1]}"))  # what was chosen of the first run stands


def test_what_makes_no_ensemble_is_refused_beside_its_field(page, product, runs, empty):
    page.expected_errors.append("422")  # Chromium tells of it itself
    page.expected_errors.append("404")
    opened(page, product, [runs["net-0"], runs["elsewhere"]])
    page.locator("#ensemble-go").click()
    trouble = page.locator("#ensemble-members-trouble")
    expect(trouble).to_contain_text("2 classes apart")
    for name in ("net-0", "elsewhere"):
        expect(trouble).to_contain_text(runs[name])
    page.get_by_role("button", name="Remove: elsewhere").click()
    page.locator("#ensemble-weights").select_option("validation_accuracy")
    page.locator("#ensemble-go").click()
    expect(page.locator("#ensemble-weights-trouble")).to_contain_text("need a validation part")
    expect(trouble).to_be_empty()
    page.goto(f"{product}/compare/ensemble?ensemble=nowhere")
    expect(page.locator("#ensemble-start")).to_contain_text("There is no ensemble nowhere")
    assert call(f"{product}/api/ensembles")["ensembles"] == []


def test_a_stopped_ensemble_goes_on(page, product, runs, empty):
    job = call(f"{product}/api/ensembles", {"members": 4 * nets(runs), "points": 401})["id"]
    call(f"{product}/api/ensembles/{job}/stop", method="POST")
    page.goto(f"{product}/compare/ensemble?ensemble={job}")
    expect(page.locator("#ensemble-standing")).to_contain_text("Stopped", timeout=30_000)
    page.locator("#ensemble-resume").click()
    expect(page.locator("#ensemble-standing")).to_contain_text("Done in", timeout=60_000)
    expect(page.locator("#ensemble-resume")).to_be_hidden()
    expect(page.locator("#ensemble-table tbody tr")).to_have_count(12)


def test_one_matrix_at_a_time_fits_a_phone_and_the_dark(page, product, runs, empty):
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    opened(page, product, nets(runs))
    measured(page)
    expect(page.locator(".fe-matrix:visible")).to_have_count(1)
    page.locator("#ensemble-matrix").select_option("barrier")
    expect(page.locator(".fe-matrix:visible")).to_have_attribute("data-matrix", "barrier")
    page.wait_for_url(re.compile("matrix=barrier"))
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_every_picture_and_number_can_be_saved_and_is_explained(page, product, runs, empty):
    opened(page, product, nets(runs))
    measured(page)
    for label, name in (
        ("Accuracy as PNG", "ensemble-accuracy.png"),
        ("Boundaries as PNG", "ensemble-boundaries.png"),
        ("Barrier on the straight line as PNG", "ensemble-barrier.png"),
    ):
        with page.expect_download() as saved:
            page.get_by_role("button", name=label).click()
        assert saved.value.suggested_filename == name
        with open(saved.value.path(), "rb") as picture:
            assert picture.read(8) == b"\x89PNG\r\n\x1a\n"
    for words, suffix in (("CSV", ".csv"), ("JSON", ".json")):
        with page.expect_download() as saved:
            page.locator("#ensemble-table").get_by_role("link", name=words).click()
        assert saved.value.suggested_filename.endswith(suffix)
    for button in page.locator(".fe-page .ask:visible").all():
        button.click()
        expect(page.locator(".meaning p").first).not_to_be_empty()
        page.keyboard.press("Escape")


def test_the_plane_through_three_members_stands_on_landscape(page, product, runs, empty):
    opened(page, product, nets(runs))
    measured(page)
    page.get_by_role("link", name="Plane through 1, 2, 3").click()
    page.wait_for_url(re.compile("/landscape\\?"))
    expect(page.locator("#landscape-standing")).to_contain_text("cells", timeout=30_000)
    expect(page.get_by_label("Update of the net for direction to the right")).not_to_have_value("")
    ground = call(f"{product}/api/landscapes")["landscapes"][0]
    rows = {row["key"]: row for row in call(f"{product}/api/landscapes/{ground['id']}")["rows"]}
    marks = [(mark["x"], mark["y"]) for mark in rows["ground"]["marks"]]
    assert marks == [pytest.approx((1, 0), abs=1e-12), pytest.approx((0, 1), abs=1e-12)]
