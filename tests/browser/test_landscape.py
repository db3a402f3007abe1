"""The page of landscapes in the real browser: from a run to a filled plane, to the net at a click, stopped, resumed."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call, wait_until_done

pytestmark = pytest.mark.browser

RUN = {
    "data": {"kind": "moons", "n": 120},
    "net": {"hidden": [6]},
    "batch": 20,
    "stop": {"epochs": 20},
    "probes": [{"kind": "frame"}],
}


def trained(product, name, **changes):
    run = call(f"{product}/api/runs?name={name}", {**RUN, **changes})["id"]
    wait_until_done(product, f"/api/runs/{run}", seconds=60)
    return run


@pytest.fixture(scope="module")
def run(product):
    return trained(product, "seen")


@pytest.fixture(scope="module")
def other(product):
    return trained(product, "second", seed=5)


def standing(page):
    return page.locator("#landscape-standing")


def boundary(page):
    """Count pieces of the boundary, once the net is drawn: that is a moment after its place is made."""
    field = page.locator("#landscape-field")
    expect(field).to_have_attribute("data-boundary", re.compile("[0-9]+"))
    return int(field.get_attribute("data-boundary"))


def image(page, selector):
    return page.evaluate("s => document.querySelector(s).toDataURL()", selector)


def test_a_run_s_plane_fills_and_a_click_shows_the_net_there(page, product, run):
    page.goto(f"{product}/runs/{run}")
    page.get_by_role("link", name="Landscape", exact=True).last.click()
    page.wait_for_url(re.compile(f"/landscape\\?run={run}"))
    expect(standing(page)).to_contain_text("2,601 cells in", timeout=60_000)
    expect(page.locator("#landscape-says")).to_contain_text(re.compile("shows \\d+ % of the movement of training"))
    ball = page.locator("#landscape-ball")
    expect(ball).to_contain_text("→ 0, ↑ 0 · training loss")
    assert boundary(page) > 10
    before = image(page, "#landscape-field")
    page.locator("#landscape-map canvas").click(position={"x": 120, "y": 60})
    expect(ball).not_to_contain_text("→ 0, ↑ 0")
    assert image(page, "#landscape-field") != before
    there = ball.text_content()
    page.keyboard.press("ArrowRight")
    expect(ball).not_to_have_text(there)


def test_the_surface_turns_and_a_click_on_it_moves_the_ball(page, product, run):
    page.goto(f"{product}/landscape?run={run}")
    expect(standing(page)).to_contain_text("2,601 cells", timeout=60_000)
    surface = page.locator("#landscape-relief canvas").last
    before = image(page, "#landscape-relief canvas")
    surface.focus()
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("b => document.querySelector('#landscape-relief canvas').toDataURL() !== b", arg=before)
    page.keyboard.press("Home")
    page.wait_for_function("b => document.querySelector('#landscape-relief canvas').toDataURL() === b", arg=before)
    box = surface.bounding_box()
    surface.click(position={"x": box["width"] * 0.35, "y": box["height"] * 0.45})
    expect(page.locator("#landscape-ball")).not_to_contain_text("→ 0, ↑ 0")


def test_basins_are_counted_drawn_and_kept_in_the_address(page, product, run, other):
    page.goto(f"{product}/landscape?run={run}&x=to:{other}&y=r0&scale=own&range=1.5&side=41&order=0")
    expect(standing(page)).to_contain_text("1,681 cells in", timeout=60_000)
    says = page.locator("#landscape-topology-says")
    expect(says).to_contain_text(re.compile("basins? at least .* deep"))
    expect(says).not_to_contain_text("So far")
    depth = page.locator("#landscape-depth")
    counted = page.locator("#landscape-topology canvas").first
    depth.fill("0")
    many = int(counted.get_attribute("data-basins"))
    assert many >= 2
    before = image(page, "#landscape-map canvas")
    depth.fill("400")
    expect(counted).to_have_attribute("data-basins", "1")
    page.wait_for_function("b => document.querySelector('#landscape-map canvas').toDataURL() !== b", arg=before)
    page.wait_for_url(re.compile("depth="))
    words = says.text_content()
    page.reload()
    expect(says).to_have_text(words, timeout=60_000)
    page.locator("#landscape-view-slice").click()
    expect(standing(page)).to_contain_text("201 cells in", timeout=60_000)
    expect(says).to_contain_text("deep")
    page.locator("#landscape-view-spectrum").click()
    expect(page.locator("#landscape-topology")).to_be_hidden()


def test_the_ball_is_dragged_along_a_slice(page, product, run, other):
    page.goto(f"{product}/landscape?run={run}&view=slice&ghost={other}")
    expect(standing(page)).to_contain_text("201 cells", timeout=60_000)
    ball = page.locator("#landscape-ball")
    expect(ball).to_contain_text("0 neuron sizes · training loss")
    box = page.locator("#landscape-curve canvas").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    before = image(page, "#landscape-field")
    page.mouse.move(*middle)
    page.mouse.down()
    page.mouse.move(middle[0] + 200, middle[1], steps=5)
    page.mouse.up()
    expect(ball).to_contain_text(re.compile("^0\\.1"))
    assert image(page, "#landscape-field") != before


def test_the_address_brings_the_same_view_back(page, product, run):
    page.goto(f"{product}/landscape?run={run}")
    page.locator("#landscape-view-slice").click()
    page.locator("#landscape-x").select_option("r")
    page.locator("#landscape-scale").select_option("unit")
    page.locator("#landscape-range").fill("2")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("range=2"))
    expect(standing(page)).to_contain_text("201 cells", timeout=60_000)
    address = page.url
    page.goto(f"{product}/runs")
    page.goto(address)
    expect(page.locator("#landscape-x")).to_have_value("r")
    expect(page.locator("#landscape-scale")).to_have_value("unit")
    expect(standing(page)).to_contain_text("201 cells")


def test_stopped_and_gone_on_with(page, product):
    """A plane large enough to be stopped on its way; its cells stand meanwhile."""
    run = trained(product, "digits", data={"kind": "digits"}, net={"hidden": [32]}, batch=64, stop={"epochs": 2})
    page.goto(f"{product}/landscape?run={run}&side=401&x=r0&y=r1")
    expect(standing(page)).to_contain_text("of 160,801 cells", timeout=60_000)
    page.locator("#landscape-stop").click()
    expect(standing(page)).to_contain_text("its finished cells stand", timeout=20_000)
    expect(page.locator("#landscape-beside .fq-numbers")).to_contain_text("Training points")
    known = float(re.search(r"(\d+) % are known", standing(page).text_content())[1])
    page.locator("#landscape-resume").click()
    expect(standing(page)).to_contain_text("160,801 cells in", timeout=120_000)
    assert known < 100


def test_two_nets_are_connected_in_words(page, product, run, other):
    page.goto(f"{product}/landscape?run={run}&view=connection&to={other}")
    says = page.locator("#landscape-says")
    expect(says).to_contain_text("straight way", timeout=60_000)
    expect(says).to_contain_text("curve")
    page.get_by_role("button", name="trained curve").click()
    expect(page.get_by_role("button", name="trained curve")).to_have_attribute("aria-pressed", "true")
    assert boundary(page) > 0


def test_a_spectrum_shows_its_eigenvalues_and_leads_to_their_slices(page, product, run):
    page.goto(f"{product}/landscape?run={run}&view=spectrum")
    expect(standing(page)).to_contain_text("16 random vectors in", timeout=60_000)
    expect(page.locator("#landscape-says")).to_contain_text("The largest eigenvalue")
    numbers = page.locator("#landscape-numbers")
    expect(numbers).to_contain_text("λ₁ / trace")
    before = image(page, "#landscape-spectrum canvas")
    page.get_by_label("log").uncheck()
    page.wait_for_function("b => document.querySelector('#landscape-spectrum canvas').toDataURL() !== b", arg=before)
    numbers.get_by_role("button", name="slice").nth(1).click()
    page.wait_for_url(re.compile("view=slice&x=v2"))
    expect(standing(page)).to_contain_text("201 cells", timeout=60_000)


def test_a_third_run_makes_a_hub(page, product, run, other):
    third = trained(product, "third", seed=9)
    page.goto(f"{product}/landscape?run={run}&view=connection&to={other}&third={third}")
    expect(page.locator("#landscape-says")).to_contain_text("At the hub it is", timeout=60_000)
    way = page.get_by_role("button", name="third")
    way.click()
    expect(way).to_have_attribute("aria-pressed", "true")
    assert boundary(page) > 0


def test_a_graph_s_plane_shows_the_net_at_the_ball(page, product):
    grown = {"schedule": {"kind": "periodic", "every": 5}, "rule": {"kind": "random_insertion", "parents": 2}}
    graph = trained(product, "graph", net={"hidden": [3], "wiring": "dag"}, growth=grown)
    page.goto(f"{product}/landscape?run={graph}&x=r0&y=r1")
    expect(standing(page)).to_contain_text("2,601 cells in", timeout=60_000)
    expect(page.locator("#landscape-says")).to_contain_text("its parameters are the weights of its edges")
    assert boundary(page) > 0


def test_what_cannot_be_shown_is_said(page, product, run):
    page.goto(f"{product}/landscape?run={run}&x=v1&y=v1")
    expect(page.locator("#landscape-trouble")).to_contain_text("same direction")
    page.expected_errors.append("404")
    page.goto(f"{product}/landscape?run=nobody")
    expect(page.locator("#landscape-trouble")).to_contain_text("There is no run nobody")


def test_without_any_run_a_sample_is_shown(page, product):
    page.route(
        re.compile(r"/api/runs\?"),
        lambda route: route.fulfill(json={"runs": [], "deleted": [], "cursor": "", "all": True}),
    )
    page.goto(f"{product}/landscape")
    expect(standing(page)).to_contain_text("small sample")
    assert boundary(page) > 10
    expect(page.locator("#landscape-topology-says")).to_contain_text("1 basin at least")
    page.locator("#landscape-view-path").click()
    expect(page.locator("#landscape-says")).to_contain_text("births ▲")
