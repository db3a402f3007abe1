"""The views of one net on the play page, in the real browser on the whole product."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

VIEWS = ["field", "regions", "sheet", "graph"]
COLOURS = """() => {
  const found = new Set();
  for (const canvas of document.querySelectorAll(".plane-layer:not([hidden]) canvas")) {
    if (!canvas.width || !canvas.height) continue;
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    const pixels = new Uint32Array(data.buffer);
    for (let i = 0; i < pixels.length; i += 53) if (data[4 * i + 3]) found.add(pixels[i]);
  }
  return found.size;
}"""
TINTS = """() => {
  const canvas = document.querySelector(".plane-layer:not([hidden]) .plane-field");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


@pytest.fixture
def play(page, product, told):
    """Open Play on one moment of three neurons: the rings are learned, with seven regions and six corners."""
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{product}/?v=1&pl=0&h=3&at=2400")
    told.until("f.state === 'paused' && f.shownStep === 2400")
    return page


def _choose(page, told, view):
    page.locator(f"[data-view={view}]").click()
    told.until("f.settings.view === a", view)


def test_v_goes_round_the_views_and_each_paints_something(play, told):
    for view in [*VIEWS[1:], VIEWS[0]]:
        play.keyboard.press("v")
        told.until("f.settings.view === a", view)
        expect(play.locator(f"[data-view={view}]")).to_have_attribute("aria-pressed", "true")
        play.wait_for_function(f"({COLOURS})() > 30" if view != "regions" else f"({COLOURS})() > 8")


def test_regions_are_counted_and_each_has_one_tint(play, told):
    _choose(play, told, "regions")
    expect(play.locator("#view-sentence")).to_contain_text("7 regions")
    play.wait_for_function(f"({TINTS})() === 7")


def test_the_address_holds_view_and_neurons(play, told):
    _choose(play, told, "sheet")
    play.locator(".view-chips [data-row='1']").click()
    play.wait_for_function("location.search.includes('vw=sheet') && location.search.includes('sh=1-1-3')")
    play.reload()
    told.until("f.settings.view === 'sheet' && f.shownStep !== null")
    expect(play.locator("#view-sentence")).to_contain_text("neurons 1 and 3")


def test_neurons_are_picked_in_the_net_and_all_of_them_show_the_flat_cut(play, told):
    _choose(play, told, "sheet")
    expect(play.locator("#view-sentence")).to_contain_text("one flat cut decides")
    play.locator("#play-net .net-unit").first.click()
    expect(play.locator("#view-sentence")).to_contain_text("choose all 3")


def test_arrow_keys_turn_the_surface_and_leave_time_alone(play, told):
    _choose(play, told, "graph")
    surface = play.locator(".plane-layer:not([hidden]) .plane-marks")
    before, step = surface.screenshot(), told("shownStep")
    surface.focus()
    play.keyboard.press("ArrowLeft")
    play.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert surface.screenshot() != before
    assert told("shownStep") == step


def test_a_fold_in_the_list_of_corners_lights_its_line(play, told):
    folds = play.locator(".corner-fold[data-fold]")
    expect(play.locator("#play-corners")).to_contain_text("6 fold points")
    numbers = [int(n) for words in folds.all_inner_texts() for n in words.split(":")[1].split(",")]
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    folds.nth(1).focus()
    told.until("f.lit?.row === 1")


def test_tanh_has_no_regions_and_says_so(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=3&a=tanh&vw=regions")
    told.until("f.framesDrawn >= 2")
    expect(page.locator("#view-sentence")).to_contain_text("no regions")
    expect(page.locator("#play-corners")).to_contain_text("no fold points")


def test_laying_a_fold_leaves_the_views_in_space(play, told):
    _choose(play, told, "graph")
    play.keyboard.press("m")
    told.until("f.settings.view === 'field'")


def test_picture_table_and_file_show_the_same_corners(page, product, told):
    page.goto(f"{product}/?v=1&pl=0&h=3")
    told.until("f.framesDrawn >= 5")
    page.wait_for_function("Number(document.getElementById('read-corners').textContent) >= 3", timeout=60000)
    page.keyboard.press("Space")
    told.until("f.state === 'paused' && f.shownStep === f.lastStep")
    shown = int(page.locator("#read-corners").inner_text())
    page.get_by_role("button", name="table", exact=True).click()
    rows = page.locator(".corner-table tbody tr")
    expect(rows).to_have_count(shown)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "number,layer,neuron,id,x,y"
    in_file = [[float(cell) for cell in line.split(",")] for line in lines[1:]]
    assert sorted([x, y] for *_, x, y in in_file) == sorted(told("corners"))
    in_table = [[float(cell.replace("−", "-")) for cell in row.locator("td").all_inner_texts()] for row in rows.all()]
    assert in_table == [[*known, round(x, 4), round(y, 4)] for *known, x, y in in_file]
