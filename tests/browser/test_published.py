"""Published numbers beside a sweep's own, and its export, in the real browser on the whole product."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser

SPEC = {
    "question": "Is the slower one flatter?",
    "base": {"data": {"kind": "rings", "n": 80}, "net": {"hidden": [3]}, "stop": {"epochs": 3}},
    "vary": {"lr": [0.001, 0.1]},
    "seeds": "0-5",
    "measure": {"every": 1, "flatness": ["layer"]},
    "published": {
        "source": "A paper, Table 9",
        "differs": "Everything but the question.",
        "rows": [{"settings": {"lr": "0.001"}, "accuracy": 0.84, "flatness": 2.23}],
        "claims": [
            {"words": "Slower trains further.", "measures": ["train_loss"], "smaller": {"lr": "0.001"},
             "larger": {"lr": "0.1"}, "clocks": ["epochs"]},
            {"words": "Faster trains further.", "measures": ["train_loss"], "smaller": {"lr": "0.1"},
             "larger": {"lr": "0.001"}, "clocks": ["epochs"]},
        ],
    },
}  # fmt: skip

LACKING = "base: {data: {kind: cola_lite, encoder: {kind: transformer, name: no/such-model, dims: 16}}}"


def test_claims_hold_and_fail_beside_the_published_numbers_and_all_is_exported(page, product, tmp_path):
    made = call(f"{product}/api/sweeps?name=held-against", SPEC)["id"]
    page.goto(f"{product}/compare?sweep={made}&by=epochs&measure=lambda_layer")
    panel = page.locator("#compare-published")
    expect(panel).to_contain_text("A paper, Table 9")
    expect(panel.locator(".fb-claim[data-outcome='fails']")).to_contain_text("Slower trains further.", timeout=90_000)
    expect(panel.locator(".fb-claim[data-outcome='holds']")).to_contain_text("Faster trains further.")
    expect(panel).not_to_contain_text("So far.")
    expect(panel.locator("tbody tr").first).to_contain_text(re.compile(r"84 %.*2\.23.*\[6\]"))
    panel.get_by_text("The reading", exact=True).first.click()
    expect(panel.locator("tr[data-holds='no']")).to_contain_text("the opposite holds")
    with page.expect_download() as saved:
        page.locator("#compare-export").click()
    assert saved.value.suggested_filename == "held-against.zip"
    saved.value.save_as(tmp_path / "all.zip")
    assert "held-against/manifest.json" in zipfile.ZipFile(tmp_path / "all.zip").namelist()
    page.goto(f"{product}/launch?sweep={made}")
    page.get_by_label("Export a single file").click()
    with page.expect_download() as saved:
        page.locator("[data-file='table.tex']").click()
    assert saved.value.suggested_filename == "held-against-table.tex"


def test_what_is_not_on_this_machine_is_said_before_the_launch(page, product):
    page.goto(f"{product}/launch?half=sweep")
    expect(page.locator("#sweep-launch")).to_have_text(re.compile(r"Launch \d+"))
    expect(page.locator("#sweep-preset optgroup[label='Caillon & Cerisara 2021'] option")).to_have_count(8)
    page.locator("#sweep-side .fw-editor").fill(LACKING)
    need = page.locator("[data-path='base.data'] .fw-need[data-comes='false']")
    expect(need).to_contain_text("no/such-model")
    expect(page.locator("#sweep-launch")).to_be_enabled()
