"""A net without layers in Play: it grows by insertion, is drawn by depth, and says the same everywhere."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.fixture
def dag(page, product, told):
    """Open Play on rings with a graph that has no hidden node yet, the plateau far away."""
    page.goto(f"{product}/?v=1&pl=0&w=dag&h=0&g=random_insertion")
    told.until("f.framesDrawn >= 3")
    return page


def grow(page, told, births):
    page.keyboard.press("g")
    told.until("f.births.length === a && f.lastStep > f.births[a - 1].step", births)
    expect(page.locator(".net-unit")).to_have_count(births)


def test_a_graph_on_rings_grows_three_nodes_and_picture_and_table_of_corners_agree(dag, told):
    expect(dag.locator(".net-input")).to_have_text(["x", "y", "1"])
    for births in (1, 2, 3):
        grow(dag, told, births)
    for birth in told("births"):  # not function preserving, and said so
        assert birth["kept"] > 0
    dag.wait_for_function("Number(document.getElementById('read-corners').textContent) >= 1", timeout=60000)
    dag.keyboard.press("Space")
    told.until("f.state === 'paused' && f.shownStep === f.lastStep")
    corners = told("corners")
    expect(dag.locator("#read-corners")).to_have_text(str(len(corners)))
    dag.get_by_role("button", name="table", exact=True).click()
    rows = dag.locator(".corner-table tbody tr")
    expect(rows).to_have_count(len(corners))
    in_table = [row.locator("td").all_inner_texts()[-2:] for row in rows.all()]
    places = [[float(cell.replace("−", "-")) for cell in cells] for cells in in_table]
    assert sorted(places) == sorted([[round(x, 4), round(y, 4)] for x, y in corners])


def test_a_node_lights_its_fold_and_its_parents_and_its_card_names_them(dag, told):
    grow(dag, told, 1)
    grow(dag, told, 2)
    dag.keyboard.press("Space")
    told.until("f.state === 'paused' && f.shownStep === f.lastStep")
    last = dag.locator(".net-unit").last
    last.focus()
    told.until("f.lit !== null")
    last.press("Enter")
    card = dag.locator("#play-card")
    expect(card).to_contain_text("hears")
    expect(card).to_contain_text("by random insertion")
    dag.keyboard.press("Escape")
    before = told("weights")
    dag.keyboard.press("u")
    told.until("f.takenBack === 1")
    expect(dag.locator(".net-unit")).to_have_count(1)
    assert told("weights") != before


def test_the_wiring_is_chosen_under_more(page, product, told):
    page.goto(f"{product}/?v=1&pl=0")
    told.until("f.framesDrawn >= 3")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("wiring").select_option("dag")
    told.until("f.settings.wiring === 'dag' && f.settings.run && f.framesDrawn >= 3 && f.weights?.length === 1")
    expect(page.locator("#grow-button")).to_contain_text("Random insertion")
    expect(page.get_by_label("growth rule")).to_have_value("random_insertion")
