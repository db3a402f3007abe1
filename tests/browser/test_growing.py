"""Growing from Play, in the real browser on the whole product."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def play(page, product, told):
    """Open Play with the plateau far away, running and drawing."""
    page.goto(f"{product}/?v=1&pl=0")
    told.until("f.framesDrawn >= 5")
    return page


@pytest.fixture
def resting(play, told):
    """Play, paused."""
    play.keyboard.press("Space")
    told.until("f.state === 'paused' && f.shownStep === f.lastStep")
    return play


def test_the_first_press_shows_where_and_why_the_second_gives_birth(play, told):
    play.locator("#grow-button").click()
    told.until("f.offer.there")
    assert told("births") == []
    offer = told("offer")
    assert offer["gain"] > 0
    assert offer["refused"] == ""
    expect(play.locator("#grow-offer")).to_contain_text(re.compile(r"Point \d+ \(class [01]\) is predicted [01]"))
    expect(play.locator("#grow-button")).to_contain_text("Add this neuron")
    play.keyboard.press("g")
    told.until("f.births.length === 1")
    birth = told("births")[0]
    assert birth["kept"] == 0
    expect(play.locator("#play-kept")).to_have_text("function unchanged (0)")
    told.until("f.lastStep > a && f.weights[0].length === 4", birth["step"])
    expect(play.locator("#grow-offer")).to_be_empty()


def test_escape_forgets_an_offer(resting, told):
    resting.keyboard.press("g")
    told.until("f.offer.there")
    resting.keyboard.press("Escape")
    told.until("!f.offer.asked")
    assert told("births") == []


def test_undo_takes_the_fold_back_bit_for_bit(resting, told):
    before = told("weights")
    resting.keyboard.press("g")
    told.until("f.offer.there")
    resting.keyboard.press("g")
    told.until("f.births.length === 1 && f.lastStep > f.births[0].step")
    resting.keyboard.press("Space")
    told.until("f.state === 'paused'")
    resting.keyboard.press("u")
    told.until("f.takenBack === 1 && f.weights[0].length === 2")
    assert told("weights") == before


def test_a_fold_laid_by_keyboard_moves_turns_flips_and_is_born(resting, told):
    resting.keyboard.press("m")
    told.until("f.offer.laying && f.offer.there && !f.offer.refused")
    first = told("offer")["fold"]
    resting.keyboard.press("ArrowUp")
    told.until("f.offer.fold && f.offer.fold[1] > a", first[1])
    resting.keyboard.press("[")
    told.until("f.offer.fold[1] !== f.offer.fold[3]")
    resting.keyboard.press("f")
    told.until("f.offer.side === -1")
    resting.keyboard.press("Enter")
    told.until("f.births.length === 1 && !f.offer.laying")
    assert told("births")[0]["kept"] == 0


def test_a_dragged_fold_says_its_gain_while_it_is_dragged(resting, told):
    resting.keyboard.press("m")
    told.until("f.offer.there")
    x, y = told("onPage(0, 0.4)")
    resting.mouse.move(x - 120, y + 30)
    resting.mouse.down()
    resting.mouse.move(x + 120, y - 40, steps=12)
    told.until("f.offer.gain !== null && f.offer.fold && Math.abs(f.offer.fold[1] - f.offer.fold[3]) > 0.1")
    resting.mouse.up()
    expect(resting.locator("#grow-offer")).to_contain_text("would lower the loss by about")
    resting.keyboard.press("Escape")
    told.until("!f.offer.laying")
    assert told("births") == []


def test_when_nothing_is_wrong_best_fold_says_so_and_offers_to_stop(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=12&n=0&sp=max")
    told.until("f.rows > 20 && f.steps.length")
    page.wait_for_function("document.getElementById('read-accuracy').textContent.startsWith('100')", timeout=60000)
    page.keyboard.press("Space")
    told.until("f.state === 'paused'")
    page.keyboard.press("g")
    told.until("f.offer.refused")
    assert "mis-predicted" in told("offer")["refused"]
    page.get_by_role("button", name="Stop the run").click()
    told.until("f.state === 'stopped'")


def test_auto_grows_on_plateaus_and_may_be_changed_on_the_way(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&sp=max")
    told.until("f.framesDrawn >= 3")
    page.get_by_label("auto", exact=True).select_option("until_accuracy")
    told.until("f.births.length >= 1")
    assert all(birth["kept"] == 0 for birth in told("births"))
    assert "ga=until_accuracy" in page.url or page.wait_for_url(re.compile("ga=until_accuracy")) is None


def test_a_neuron_has_a_card(resting, told):
    resting.keyboard.press("g")
    told.until("f.offer.there")
    resting.keyboard.press("g")
    told.until("f.births.length === 1 && f.weights[0].length === 4")
    resting.locator('[data-unit="0.1"]').click()
    card = resting.locator("#play-card")
    expect(card).to_contain_text("target mistake")
    expect(card).to_contain_text("gain predicted")
    expect(card.locator("svg")).to_be_visible()
    resting.keyboard.press("Escape")
    expect(card).to_be_empty()
