"""Nets of blocks on the pages: told and drawn in Launch, drawn on the run page, painted in Play."""

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser

TINY = """
data: {kind: digits}
net: {wiring: resnet, width: 4}
stop: {epochs: 2}
probes: [{kind: frame}]
"""
DENSE = {"data": {"kind": "moons"}, "net": {"wiring": "res_mlp", "width": 8, "inner": 4, "blocks": 2}}


@pytest.fixture
def launch(page, product):
    page.goto(f"{product}/launch")
    expect(page.locator("#launch-button")).to_be_enabled(timeout=30_000)
    expect(page.locator("[data-path='optimizer.lr'] input")).to_be_visible()
    return page


def choose(page, path, value):
    page.locator(f"[data-path='{path}'] select").first.select_option(value)


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("scheme", ["light", "dark"], indirect=True)
def test_a_residual_net_is_told_and_drawn_while_it_is_chosen(launch):
    net = launch.locator("[data-path='net']")
    kinds = launch.locator("[data-path='net.wiring'] option")
    expect(kinds.filter(has_text="ResNet: a residual net reads pictures")).to_be_disabled()
    choose(launch, "data.kind", "digits")
    expect(kinds.filter(has_text="ResNet")).to_be_enabled()
    choose(launch, "net.wiring", "resnet")
    expect(net.locator(".blocks-facts")).to_contain_text("75,002 parameters")
    expect(net.locator(".blocks-block")).to_have_count(5)
    expect(launch.locator("[data-path='net.hidden']")).to_be_hidden()
    launch.locator("[data-path='net.n'] input").fill("3")
    expect(net.locator(".blocks-name")).to_have_text("ResNet-20, width 16")
    expect(net.locator(".blocks-block")).to_have_count(11)
    net.locator(".blocks-block").first.focus()
    launch.keyboard.press("ArrowRight")
    expect(net.locator(".blocks-told")).to_contain_text("stage 1.1: conv 3×3, 16")
    for width in (1024, 390):
        launch.set_viewport_size({"width": width, "height": 844})
        expect(net.locator(".blocks-picture svg")).to_be_visible()
        launch.wait_for_function(
            "() => { const p = document.querySelector('.blocks-picture');"
            " return p.firstChild.getBoundingClientRect().width <= p.clientWidth + 1; }"
        )
        assert fits(launch)


def test_other_data_leave_a_word_beside_the_kind_of_net(launch):
    choose(launch, "data.kind", "digits")
    choose(launch, "net.wiring", "resnet")
    choose(launch, "data.kind", "moons")
    expect(launch.locator("[data-path='net.wiring'] .fl-error")).to_contain_text("a residual net reads pictures")
    expect(launch.locator(".blocks-block")).to_have_count(0)


def test_a_launched_residual_net_has_its_drawing_and_its_curves_on_its_page(launch, product):
    launch.get_by_label("The spec as YAML").fill(TINY)
    expect(launch.locator(".blocks-name")).to_have_text("ResNet-8, width 4")
    launch.locator("#launch-button").click()
    launch.locator(".fl-launched a").first.click()
    net = launch.locator("#run-net")
    expect(net.locator(".blocks-block")).to_have_count(5, timeout=60_000)
    expect(net.locator("[data-block='stage2_1']")).to_have_attribute("data-inner", "8")
    expect(launch.locator("#run-neurons-now")).to_contain_text("28", timeout=60_000)
    expect(launch.locator(".fx-made").first).to_contain_text("ResNet-8, width 4")
    expect(launch.locator("#run-accuracy .main-svg").first).to_be_visible(timeout=60_000)
    expect(launch.locator("#run-picture")).to_contain_text("Class by class")


def test_a_net_of_blocks_in_play_is_painted_and_says_that_it_has_no_folds(page, product, told):
    made = call(f"{product}/api/runs?origin=play", {**DENSE, "speed": 20, "probes": [{"kind": "frame"}]})
    page.goto(f"{product}/?run={made['id']}")
    told.until("f.framesDrawn >= 3")
    expect(page.locator("#play-net .blocks-block")).to_have_count(4)
    expect(page.locator("#play-net .net-unit")).to_have_count(0)
    expect(page.locator("#play-legend")).to_contain_text("the folds of a dense residual net cannot be computed")
    painted = page.evaluate(
        """() => { const canvas = document.querySelector(".plane-field");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return new Set(new Uint32Array(data.buffer)).size; }"""
    )
    assert painted > 50
    for view, said in (("graph", "margin"), ("sheet", "not shown"), ("regions", "no regions"), ("field", "colour")):
        page.locator(f"[data-view='{view}']").click()
        expect(page.locator("#view-sentence")).to_contain_text(said)
    page.locator("#play-more summary").first.click()
    expect(page.get_by_label("wiring")).to_have_value("res_mlp")
    expect(page.get_by_text("hidden layers")).to_be_hidden()
