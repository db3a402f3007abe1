"""Forms show what matters first, and Play keeps what it has no control for, in the real browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.product import call

pytestmark = pytest.mark.browser


@pytest.fixture
def launch(page, product):
    page.goto(f"{product}/launch")
    expect(page.locator("#launch-button")).to_be_enabled(timeout=30_000)
    expect(page.locator("[data-path='optimizer.lr'] input")).to_be_visible()
    return page


def test_launch_shows_basic_fields_in_the_words_of_the_field(launch):
    for path, title in (("optimizer.lr", "learning rate"), ("batch", "batch size"), ("data.n", "points")):
        expect(launch.locator(f"[data-path='{path}'] .fl-label")).to_have_text(title)
    expect(launch.locator("[data-path='lr_schedule'] h3")).to_have_text("learning rate schedule")
    for path in ("optimizer.beta1", "net.dropout", "device", "growth.rule.criterion", "growth.rule.alpha"):
        expect(launch.locator(f"[data-path='{path}']")).to_be_hidden()
    assert launch.locator("#launch-form input:visible, #launch-form select:visible").count() < 30


def test_a_field_comes_with_the_choice_with_which_it_means_something(launch):
    slope = launch.locator("[data-path='net.negative_slope']")
    expect(slope).to_be_hidden()
    launch.locator("[data-path='net.activation'] select").select_option(label="leaky ReLU")
    expect(slope).to_be_visible()
    over = launch.locator("[data-path='loss.smoothing_over']")
    expect(over).to_be_hidden()
    launch.locator("[data-path='loss.label_smoothing'] input").fill("0.1")
    expect(over).to_be_visible()


@pytest.mark.parametrize(
    ("path", "wrong", "said"),
    [
        ("optimizer.beta1", "2", "less than 1"),
        ("net.dropout", "1.5", "less than 1"),
        ("input_noise", "-1", "at least 0"),
        ("stop.train_accuracy", "2", "at most 1"),
        ("validation_share", "0.001", "take 0.009 to 0.9, or 0"),
    ],
)
def test_a_wrong_value_is_told_beside_its_field_even_where_it_was_folded_away(launch, path, wrong, said):
    field = launch.locator(f"[data-path='{path}']")
    launch.evaluate("document.querySelectorAll('.fl-more').forEach((more) => { more.open = true; })")
    field.locator("input").fill(wrong)
    launch.evaluate("document.querySelectorAll('.fl-more').forEach((more) => { more.open = false; })")
    expect(field.locator(".fl-error")).to_contain_text(said)
    expect(field).to_be_visible()


def test_folded_fields_that_are_not_usual_stand_open(page, product):
    made = call(f"{product}/api/runs", {"net": {"dropout": 0.2}, "stop": {"epochs": 1}})
    page.goto(f"{product}/launch?like={made['id']}")
    expect(page.locator("[data-path='net.dropout'] input")).to_be_visible()
    expect(page.locator("[data-path='net.dropout'] input")).to_have_value("0.2")
    expect(page.locator("[data-path='device']")).to_be_hidden()
    expect(page.get_by_label("The spec as YAML")).to_have_value(re.compile("dropout: 0.2"))


def test_a_reset_in_play_keeps_what_play_has_no_control_for(page, product, told):
    spec = {
        "net": {"hidden": [2], "dropout": 0.2},
        "validation_share": 0.2,
        "input_noise": 0.05,
        "optimizer": {"kind": "adam", "lr": 0.02, "beta1": 0.8},
        "stop": {"epochs": 7},
    }
    made = call(f"{product}/api/runs", spec)
    page.goto(f"{product}/?run={made['id']}")
    told.until("f.run === a", made["id"])
    page.locator(".more > summary").click()
    expect(page.locator(".more-carried")).to_contain_text("dropout 0.2")
    page.get_by_role("button", name="Reset, same seed").click()
    told.until("f.run && f.run !== a", made["id"])
    again = call(f"{product}/api/runs/{told('run')}")["spec"]
    assert (again["net"]["dropout"], again["validation_share"], again["input_noise"]) == (0.2, 0.2, 0.05)
    assert (again["optimizer"]["beta1"], again["stop"]["epochs"]) == (0.8, 7)
    second = told("run")
    page.get_by_role("button", name="leave out").click()
    told.until("f.run && f.run !== a", second)
    plain = call(f"{product}/api/runs/{told('run')}")["spec"]
    assert "validation_share" not in plain
    assert plain["optimizer"]["beta1"] == 0.9
    expect(page.locator(".more-carried")).to_be_hidden()


def test_groups_with_many_settings_stay_within_the_window_of_compare(page, product):
    many = {
        "loss": {"kind": "cross_entropy", "label_smoothing": 0.1},
        "terms": [{"kind": "weight_decay", "strength": 0.001}],
        "lr_schedule": {"kind": "sgdr"},
        "input_noise": 0.05,
        "validation_share": 0.2,
        "shuffle": "once",
    }
    specs = [
        {"stop": {"epochs": 12}, "net": {"hidden": [3]}, "seed": seed, **more} for more in ({}, many) for seed in (1, 2)
    ]
    ids = [call(f"{product}/api/runs", spec)["id"] for spec in specs]
    for run in ids:
        page.goto(f"{product}/runs/{run}")
        expect(page.locator("#run-head")).to_contain_text("done", timeout=60_000)
    page.goto(f"{product}/compare?v=1&runs={','.join(ids)}")
    expect(page.locator(".fc-group", has_text="weight decay strength 0.001")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
