"""Choosing what is measured, and asking what a number means, in the real browser."""

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


@pytest.fixture
def play(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=4")
    told.until("f.framesDrawn >= 5")
    return page


@pytest.fixture
def run_page(page, product):
    probes = [{"kind": "frame"}, {"kind": "curvature"}]
    made = call(
        f"{product}/api/runs", {"data": {"kind": "moons"}, "net": {"hidden": [4]}, "speed": 20, "probes": probes}
    )
    page.goto(f"{product}/runs/{made['id']}")
    expect(page.locator("#run-sharpness-now")).to_contain_text("38/η")
    return page


def test_the_meaning_of_a_number_is_one_click_away_and_leaves_by_escape(play):
    expect(play.locator("#play-sharpness-now")).to_contain_text("38/η")
    ask = play.get_by_role("button", name="What is Sharpness?")
    ask.click()
    meaning = play.get_by_role("dialog", name="Sharpness")
    expect(meaning).to_contain_text("largest eigenvalues of the Hessian")
    expect(meaning).to_contain_text("225 training points")
    expect(meaning).to_contain_text("dense")
    expect(meaning).to_contain_text("residual")
    play.keyboard.press("Escape")
    expect(meaning).to_have_count(0)
    expect(ask).to_be_focused()


def test_every_meter_of_play_has_a_meaning(play):
    asks = play.locator(".panel-meters .ask")
    expect(asks).to_have_count(5)
    for place in range(5):
        asks.nth(place).click()
        expect(play.locator(".meaning")).to_have_count(1)
        play.mouse.click(700, 450)
        expect(play.locator(".meaning")).to_have_count(0)


def test_a_probe_is_chosen_in_mid_run_from_play(play, product, told):
    play.locator(".more summary").click()
    play.locator("[data-probe=traces]").check()
    expect(play.get_by_label("traces every")).to_have_value("20")
    play.get_by_label("traces every").fill("2")
    play.get_by_label("traces every").press("Enter")
    expect(play.locator(".probe", has=play.locator("[data-probe=traces]")).locator(".probe-time")).to_contain_text("ms")
    applied = call(f"{product}/api/runs/{told('run')}")["applied"]
    said = [item["command"] for item in applied if item["command"]["kind"] == "set_probes"]
    assert {"kind": "traces", "every": 2, "draws": 100} in said[-1]["probes"]


def test_another_of_the_sharpest_directions_is_measured_once_it_is_asked_for(play):
    expect(play.locator("#play-slice-now")).to_contain_text("λ")
    play.get_by_label("Direction", exact=True).select_option("3")
    third = play.get_by_label("Direction", exact=True).locator("option").nth(2)
    expect(third).to_have_attribute("title", "")
    expect(play.locator("#play-slice-now")).to_contain_text("λ")


def test_the_scale_of_a_slice_is_held_while_comparing(play):
    expect(play.locator("#play-slice-now")).to_contain_text("λ")
    play.get_by_role("button", name="Lock the scale").click()
    before = play.locator("#play-slice .ytick").all_text_contents()
    play.get_by_label("Direction", exact=True).select_option("2")
    expect(play.locator("#play-slice-now")).to_contain_text("λ")
    assert play.locator("#play-slice .ytick").all_text_contents() == before


def test_the_run_page_measures_more_when_asked_and_explains_it(run_page):
    expect(run_page.locator("[data-key=traces]")).to_have_count(0)
    run_page.locator("#run-probes").click()
    run_page.locator(".fx-choose [data-probe=traces]").check()
    run_page.locator(".fx-choose [data-probe=noise]").check()
    run_page.get_by_role("button", name="Close").click()
    expect(run_page.locator("#run-traces-now")).to_contain_text("Tr H")
    expect(run_page.locator("#run-noise-now")).to_contain_text("Tr C")
    run_page.locator("[data-key=traces] .ask").click()
    expect(run_page.get_by_role("dialog", name="Traces")).to_contain_text("Hutchinson")


def test_launch_asks_before_measuring_costs_more_than_training(page, product):
    spec = "data: {kind: digits}\nnet: {hidden: [100]}\nqueue: batch\nstop: {epochs: 2000}\n"
    page.goto(f"{product}/launch")
    page.get_by_label("The spec as YAML").fill(f"{spec}probes: [{{kind: density, every: 1}}]\n")
    question = page.locator("#launch-agreed")
    expect(question).to_be_visible()
    page.locator("#launch-button").click()
    expect(page.locator("#launch-side")).to_contain_text("measuring time, or measure less often")
    expect(page.locator(".fl-launched")).to_have_count(0)
    page.get_by_label("The spec as YAML").fill(f"{spec}probes: [{{kind: density, every: 5000}}]\n")
    expect(question).to_be_hidden()
