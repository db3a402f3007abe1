"""A fixed twin beside a grown net in Play, in the real browser on the whole product."""

import json
import urllib.request

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

TOGETHER = "f.state === 'paused' && f.twin?.state === 'paused' && f.twin.lastStep === f.lastStep"


def give_birth(page, told):
    """Ask for the best fold and take it."""
    births = len(told("births"))
    page.keyboard.press("g")
    told.until("f.offer.there")
    page.keyboard.press("g")
    told.until("f.births.length === a", births + 1)


@pytest.fixture
def alone(page, product, told):
    """Open Play with the plateau far away."""
    page.goto(f"{product}/?v=1&pl=0")
    told.until("f.lastStep >= 160")
    return page


def compare(page, told):
    """Open the twin and wait until both keep together."""
    page.keyboard.press("c")
    told.until("f.twin?.met")


@pytest.fixture
def twinned(alone, told):
    """Let the net grow two neurons and open its twin."""
    give_birth(alone, told)
    give_birth(alone, told)
    compare(alone, told)
    return alone


def read(product, run):
    with urllib.request.urlopen(f"{product}/api/runs/{run}", timeout=10) as answer:
        return json.loads(answer.read())


def rates(product, run):
    """Learning rates that were set, with the updates before which they took effect."""
    taken = [(each["step"], each["command"]) for each in read(product, run)["applied"]]
    return [(step, command["lr"]) for step, command in taken if command["kind"] == "set"]


def test_the_twin_has_the_same_size_and_rests_at_the_same_update(twinned, told, product):
    twinned.keyboard.press("Space")
    told.until(TOGETHER)
    told.until("f.twin.shownStep === f.shownStep && f.twin.boundary > 0 && f.twin.disagree !== null")
    assert told("twin.hidden") == [3]
    first, second = read(product, told("run")), read(product, told("twin.run"))
    assert [second["spec"][name] for name in ("data", "seed", "batch", "optimizer")] == [
        first["spec"][name] for name in ("data", "seed", "batch", "optimizer")
    ]
    assert second["tags"] == [f"twin of {first['name']}"]
    assert first["tags"] == [f"fixed twin: {second['name']}"]
    for mark in ("grown · 3 neurons", "fixed · 3 neurons"):
        expect(twinned.locator(".panel-plane")).to_contain_text(mark)
    expect(twinned.get_by_role("link", name="open in Compare")).to_have_attribute(
        "href", f"/compare?v=1&runs={first['id']},{second['id']}"
    )
    before = told("lastStep")
    twinned.keyboard.press("ArrowRight")
    told.until(f"f.lastStep === a + 8 && {TOGETHER}", before)


def test_a_birth_leaves_the_twin_as_it_is_and_offers_another(alone, told):
    compare(alone, told)
    first = told("twin.run")
    give_birth(alone, told)
    expect(alone.locator("#play-twin-line")).to_contain_text("grown 2, fixed 1:")
    alone.get_by_role("button", name="make the twin anew with 2").click()
    told.until("f.twin && f.twin.run !== a && f.twin.hidden[0] === 2", first)


def test_a_reload_finds_the_twin_again_where_it_rested(twinned, told):
    twinned.keyboard.press("Space")
    told.until(TOGETHER)
    run, step = told("twin.run"), told("lastStep")
    twinned.wait_for_function("location.search.includes('tw=') && location.search.includes('at=')")
    twinned.reload()
    told.until("f.twin?.run === a && f.twin.shownStep !== null", run)
    told.until(f"f.lastStep === a && {TOGETHER}", step)


def test_the_learning_rate_goes_to_both_and_a_reset_closes_the_twin_with_words(twinned, told, product):
    run = told("twin.run")
    twinned.get_by_role("button", name="Smaller learning rate").click()
    twinned.keyboard.press("Space")
    told.until(TOGETHER)
    twinned.wait_for_function(  # it may rest there already and hear of the rate only then
        "run => fetch(`/api/runs/${run}`).then((answer) => answer.json())"
        ".then(({ applied }) => applied.some(({ command }) => command.kind === 'set'))",
        arg=run,
    )
    assert rates(product, run) == rates(product, told("run")) != []
    twinned.keyboard.press("r")
    expect(twinned.locator(".fs-toast")).to_contain_text("Press C for another")
    told.until("f.twin === null")


def test_the_same_key_closes_the_twin_and_stops_its_run(twinned, told, product):
    run = told("twin.run")
    twinned.keyboard.press("c")
    told.until("f.twin === null")
    expect(twinned.locator("#play-twin")).to_be_empty()
    twinned.wait_for_function(
        "run => fetch(`/api/runs/${run}`).then((answer) => answer.json()).then(({ state }) => state === 'stopped')",
        arg=run,
    )
