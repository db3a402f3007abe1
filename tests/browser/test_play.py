"""Play, in the real browser on the whole product."""

import re
from urllib.parse import parse_qs, urlparse

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


@pytest.fixture
def play(page, product, told):
    """Open Play with the plateau far away, running and drawing."""
    page.goto(f"{product}/?v=1&pl=0")
    told.until("f.framesDrawn >= 5")
    return page


def test_play_is_alive_on_opening_and_stops_at_the_plateau_with_a_hint(page, product, told):
    page.goto(product)
    told.until("f.framesDrawn >= 3 && f.state === 'running'")
    page.get_by_role("button", name="maximum speed").click()
    told.until("f.reason === 'plateau'")
    expect(page.locator("#play-hint")).to_contain_text(re.compile(r"stuck at \d+ %"))


def test_frames_and_rows_arrive_without_gap_or_double(play, told):
    told.until("f.rows >= 40")
    assert told("gaps") == 0
    assert told("duplicates") == 0
    steps = told("steps")
    assert steps == sorted(set(steps))


def test_pause_holds_and_a_step_trains_one_epoch(play, product, told):
    def rest_after(step):
        """Wait until the page has all of a run at rest: its state is told a moment before its last row."""
        told.until("f.state === 'paused' && f.lastStep > a", step)
        stands_at = call(f"{product}/api/runs/{told('run')}")["step"]
        told.until("f.lastStep === a", stands_at)
        return stands_at

    play.keyboard.press("Space")
    before = rest_after(0)
    play.keyboard.press("ArrowRight")
    told.until("f.state === 'paused' && f.lastStep === a", before + 8)
    assert rest_after(before) == before + 8


def test_the_time_line_shows_earlier_moments_from_memory(play, told):
    told.until("f.framesKept >= 30")
    line = play.locator("#play-time")
    box = line.bounding_box()
    play.expected_errors = ["ERR_FAILED"]
    play.route("**/frames**", lambda route: route.abort())
    play.mouse.move(box["x"] + box["width"] - 20, box["y"] + box["height"] / 2)
    play.mouse.down()
    play.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] / 2, steps=5)
    play.mouse.up()
    told.until("!f.live && f.shownStep < f.lastStep")
    play.get_by_role("button", name="live", exact=True).click()
    told.until("f.live")


def test_fork_goes_on_from_that_moment_as_a_new_run(play, told):
    told.until("f.framesKept >= 20")
    parent = told("run")
    play.keyboard.press("Space")
    told.until("f.state === 'paused'")
    play.keyboard.press("ArrowLeft")
    told.until("!f.live")
    at = told("shownStep")
    play.get_by_role("button", name="fork here").click()
    told.until("f.run !== a && f.framesKept > 0", parent)
    told.until("f.steps[0] >= a || f.lastStep > a", at)


def test_reset_with_the_same_seed_is_bit_identical(play, told):
    told.until("f.lastStep >= 160")
    run = told("run")
    first = _weights_at(play, told, 80)
    play.keyboard.press("r")
    told.until("f.run !== a && f.lastStep >= 160", run)
    assert _weights_at(play, told, 80) == first


def _weights_at(page, told, step):
    """Look at one step through the time line and the arrow keys, and read its weights."""
    box = page.locator("#play-time").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    told.until("!f.live")
    for _ in range(400):
        shown = told("shownStep")
        if shown == step:
            return told("weights")
        page.keyboard.press("ArrowLeft" if shown > step else "ArrowRight")
        told.until("f.shownStep !== a", shown)
    raise AssertionError(f"no frame of step {step}")


def test_the_address_holds_the_view_and_reloading_shows_the_same(play, told):
    play.keyboard.press("g")
    told.until("f.offer.there")
    play.keyboard.press("g")
    told.until("f.births.length === 1")
    play.keyboard.press("Space")
    told.until("f.state === 'paused'")
    play.keyboard.press("d")
    told.until("f.settings.hard")
    run, step, weights = told("run"), told("shownStep"), told("weights")
    play.wait_for_function("location.search.includes('run=') && location.search.includes('e=1')")
    play.reload()
    told.until("f.run === a && f.shownStep !== null", run)
    told.until("f.shownStep === a", step)
    assert told("weights") == weights
    assert told("settings.hard")


def test_an_address_of_a_lost_run_makes_the_same_net_again(play, told, product):
    play.locator("#grow-button").click()
    told.until("f.offer.there")
    play.locator("#grow-button").click()
    told.until("f.births.length === 1 && f.lastStep > f.births[0].step + 40")
    play.keyboard.press("Space")
    told.until("f.state === 'paused'")
    told.until("location.search.includes('c=') && f.live")
    play.keyboard.press("ArrowLeft")
    told.until("!f.live")
    step, weights = told("shownStep"), told("weights")
    play.wait_for_function("step => location.search.includes(`at=${step}`)", arg=step)
    query = parse_qs(urlparse(play.url).query)
    lost = play.url.replace(query["run"][0], "0000000000")
    play.expected_errors = ["404"]
    play.goto("about:blank")
    play.goto(lost)
    told.until("f.run !== a && f.shownStep === a2".replace("a2", str(step)), query["run"][0])
    assert told("weights") == weights


def test_hovering_a_neuron_lights_its_fold(play, told):
    told.until("f.weights")
    play.locator("#play-net .net-unit").first.hover()
    told.until("f.lit")


def test_a_learning_rate_out_of_range_is_told_beside_the_field(play, told):
    field = play.get_by_label("learning rate", exact=False).first
    field.fill("-1")
    field.press("Enter")
    play.expected_errors = ["422"]
    expect(play.locator(".field-error[data-path='optimizer.lr']")).to_contain_text("greater than 0")
    told.until("f.state === 'running'")


def test_another_loss_makes_a_new_run_and_stands_in_the_address(play, told, product):
    play.get_by_text("More", exact=True).click()
    loss = play.get_by_label("loss", exact=True)
    expect(loss.locator("option")).to_have_text(["cross-entropy", "half squared error"])
    before = told("run")
    loss.select_option(label="half squared error")
    told.until(f"f.run && f.run !== '{before}' && f.framesDrawn >= 1")
    assert call(f"{product}/api/runs/{told('run')}")["spec"]["loss"] == "mse"
    play.wait_for_function("location.search.includes('lo=mse')")
    play.locator("[data-measure='loss']").click()
    expect(play.get_by_role("dialog")).to_contain_text("This run: half squared error.")


def test_optimisers_are_those_of_the_schema_each_with_its_usual_rate(play, product, told):
    play.locator("details.more summary").click()
    choice = play.get_by_label("optimiser", exact=True)
    expect(choice.locator("option")).to_have_text(["Adam", "momentum", "nudged SGD", "SGD"])
    run = told("run")
    choice.select_option("sgd")
    told.until(f"f.run && f.run !== {run!r} && f.framesDrawn >= 2")
    optimizer = call(f"{product}/api/runs/{told('run')}")["spec"]["optimizer"]
    assert (optimizer["kind"], optimizer["lr"]) == ("sgd", 0.1)
    play.wait_for_function("location.search.includes('o=sgd')")


def test_every_page_has_no_overflow_in_light_and_dark(page, product):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for path in ("/", "/runs", "/launch"):
            page.goto(f"{product}{path}")
            page.locator("main, #play, #runs, #launch").first.wait_for(state="attached")
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
