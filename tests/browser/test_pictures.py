"""Pictures of a folder of one's own on the run page, in their colours."""

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import foldscape
from tests.product import call, wait_until_done

pytestmark = pytest.mark.browser

COLOURS = {"coral": (250, 90, 60), "leaf": (40, 200, 50), "sea": (20, 70, 220)}
SPEC = {
    "data": {"kind": "folder", "path": "tiles", "side": 8},
    "net": {"wiring": "cnn", "channels": [4]},
    "optimizer": {"kind": "sgd", "lr": 1e-6},
    "batch": 8,
    "normalise": "channels",
    "augment": [{"kind": "crop", "padding": 1}, {"kind": "flip"}],
    "stop": {"epochs": 2},
    "probes": [{"kind": "frame"}],
}


@pytest.fixture(scope="module")
def tiles(picture_folder):
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        (picture_folder / "tiles" / name).mkdir(parents=True)
        for number in range(12):
            pixels = np.clip(np.array(colour) + rng.integers(-30, 30, (8, 8, 3)), 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(picture_folder / "tiles" / name / f"{number}.png")
    return picture_folder


def drawn(canvas):
    """The colours (rows, columns, 3) of a canvas."""
    script = "one => [one.width, one.height, ...one.getContext('2d').getImageData(0, 0, one.width, one.height).data]"
    width, height, *data = canvas.evaluate(script)
    return np.array(data).reshape(height, width, 4)[..., :3]


def test_missed_pictures_are_drawn_in_their_colours(page, product, tiles, monkeypatch):
    run = call(f"{product}/api/runs", SPEC)["id"]
    wait_until_done(product, f"/api/runs/{run}")
    page.goto(f"{product}/runs/{run}")
    pictures = page.locator(".fx-missed .fx-tile")
    expect(pictures.first).to_be_visible()
    monkeypatch.setenv("FOLDSCAPE_DATA", str(tiles))
    split = foldscape.RunSpec.model_validate(SPEC).in_data_units()
    assert pictures.count() >= 3
    for place in range(3):
        tile = pictures.nth(place)
        index = int(tile.get_attribute("title").split()[1].rstrip(":"))
        colours = split.test_x[index].reshape(3, 8, 8).transpose(1, 2, 0) * 255
        np.testing.assert_allclose(drawn(tile.locator("canvas")), colours, atol=1)
        assert tuple(COLOURS)[split.test_y[index]] in tile.inner_text()


def test_a_folder_elsewhere_is_refused_beside_its_field(page, product, tiles):
    elsewhere = SPEC | {"data": SPEC["data"] | {"path": "/etc"}}
    answer = page.request.post(f"{product}/api/runs", data=elsewhere)
    assert answer.status == 422
    assert "Only folders below FOLDSCAPE_DATA may be read here" in answer.text()


def test_a_run_whose_folder_has_gone_says_so_where_its_pictures_were(page, product, tiles):
    run = call(f"{product}/api/runs", SPEC)["id"]
    wait_until_done(product, f"/api/runs/{run}")
    page.expected_errors = ["Failed to load resource"]
    (tiles / "tiles").rename(tiles / "away")
    try:
        page.goto(f"{product}/runs/{run}")
        expect(page.locator(".fx-sub").get_by_text("There is no folder")).to_be_visible()
        expect(page.locator(".fx-missed .fx-tile")).to_have_count(0)
    finally:
        (tiles / "away").rename(tiles / "tiles")
