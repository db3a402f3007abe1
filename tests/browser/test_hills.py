"""Play: a hill by its key, what is said of it, taking it away again, and the same again from the address."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


@pytest.fixture
def play(page, product, told):
    """Open Play with the plateau far away, some epochs on."""
    page.goto(f"{product}/?v=1&pl=0&h=4&d=moons")
    told.until("f.framesDrawn >= 20")
    return page


def commands_of(product, run):
    applied = call(f"{product}/api/runs/{run}")["applied"]
    return [each["command"] for each in applied if each["command"]["kind"] in ("hill", "set_hills")]


def test_a_hill_stands_where_the_net_is_and_the_net_leaves_it(play, product, told):
    play.keyboard.press("h")
    told.until("f.hills.standing.length === 1 && f.hills.measured !== null && f.hills.measured.nearest > 0")
    panel = play.locator(".panel-hills")
    for words in ("1 hill", "r / σ", "height k", "cell distance", "r*", "λ₁"):
        expect(panel).to_contain_text(words)
    expect(play.get_by_role("combobox", name="Direction")).to_have_value("hill_slice")
    told.until("f.hills.cut !== null && f.hills.cut.with > f.hills.cut.without")
    play.keyboard.press("h")
    told.until("f.hills.standing.length === 2")
    play.keyboard.press("u")
    told.until("f.hills.standing.length === 1")
    assert told("hills.standing[0].number") == 0
    play.get_by_role("button", name="remove all").click()
    told.until("f.hills.standing.length === 0")
    expect(panel).not_to_contain_text("r / σ")
    assert [command["kind"] for command in commands_of(product, told("run"))] == [
        "hill",
        "hill",
        "set_hills",
        "set_hills",
    ]


def test_height_width_shape_and_scope_go_with_the_hill_and_into_the_address(play, product, told):
    play.locator(".hill-more summary").click()
    play.get_by_role("spinbutton", name="height s").fill("2.5")
    play.get_by_role("spinbutton", name="width σ, in ways").fill("0.5")
    play.get_by_role("combobox", name="shape").select_option("inverse")
    play.get_by_role("combobox", name="distance in").select_option("weights")
    play.get_by_role("button", name="Hill here").click()
    told.until("f.hills.standing.length === 1")
    said, put = commands_of(product, told("run"))
    given = {name: value for name, value in said.items() if value is not None}
    assert given == {
        "kind": "set_hills", "strength": 2.5, "sigma_rel": 0.5, "kernel": "inverse", "scope": "weights",
        "remove": "none",
    }  # fmt: skip
    assert put["kind"] == "hill"
    play.get_by_role("spinbutton", name="height s").fill("4")
    play.get_by_role("spinbutton", name="height s").press("Enter")
    told.until("f.hills.term.strength === 4")
    play.wait_for_function("a => /hs=4/.test(location.search) && /hk=inverse/.test(location.search)")


def test_a_shared_address_puts_the_hill_again_and_comes_to_the_same_bits(play, product, told):
    told.until("f.lastStep >= 160")
    play.keyboard.press("h")
    told.until("f.hills.standing.length === 1 && f.lastStep >= f.hills.standing[0].step + 40")
    play.keyboard.press("Space")
    told.until("f.state === 'paused' && f.shownStep === f.lastStep")
    step, weights, run = told("shownStep"), told("weights"), told("run")
    play.wait_for_function("a => location.search.includes(`at=${a}`)", arg=step)
    address = re.sub(r"run=\w+", "run=gone", play.evaluate("location.search"))
    play.expected_errors = ["404"]
    play.goto(f"{product}/{address}")
    told.until("f.run !== null && f.run !== a && f.shownStep !== null && f.hills.standing.length === 1", run)
    told.until("f.shownStep === a", step)
    assert told("weights") == weights


def test_a_hill_before_anything_was_learnt_is_refused_in_words(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=4&d=moons&at=0")  # it rests before its first update
    told.until("f.state === 'paused' && f.shownStep === 0")
    page.keyboard.press("h")
    expect(page.locator("#play-banner")).to_contain_text("has not moved yet")
    assert told("state") == "paused"


def test_the_run_page_tells_where_the_nearest_hill_is(page, product):
    spec = {"data": {"kind": "moons"}, "net": {"hidden": [4]}, "optimizer": {"kind": "nudged"}, "stop": {"epochs": 20}}
    made = call(f"{product}/api/runs", spec | {"terms": [{"kind": "hills", "at_epochs": [10], "sigma": 0.5}]})
    page.goto(f"{product}/runs/{made['id']}")
    expect(page.locator("#run-hills-now")).to_contain_text("r/σ", timeout=20_000)
    expect(page.locator("#run-straight")).to_have_attribute("href", re.compile(f"run={made['id']}&at=.*&view=straight"))
    expect(page.locator("[data-key='ratio']")).to_contain_text("no multiple of the gradient")
