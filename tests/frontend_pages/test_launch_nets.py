"""What Launch tells of nets."""

from __future__ import annotations

from typing import Any

import pytest

from foldscape.net.spec import kinds_of_net
from foldscape.spec import RunSpec
from frontend.launch.check import check_draft
from frontend.launch.nets import HEADINGS, told_of_net, with_kinds_of_net
from frontend.launch.plan import form_plan

DIGITS = {"kind": "digits"}


def net_field() -> dict[str, Any]:
    plan = with_kinds_of_net(form_plan(RunSpec.model_json_schema(), RunSpec().model_dump(mode="json")))
    return next(field for field in plan["fields"] if field["key"] == "net")


def test_every_kind_stands_under_a_heading_and_by_its_title() -> None:
    options = net_field()["options"]
    assert {option["kind"] for option in options} == set(kinds_of_net())
    order = list(HEADINGS.values())
    places = [order.index(option["under"]) for option in options]
    assert places == sorted(places)
    assert options[0]["kind"] == "layers"
    pictures = [option["title"].lower() for option in options if option["under"] == HEADINGS["pictures"]]
    assert pictures == sorted(pictures)
    assert "resnet" in pictures


def test_what_a_kind_has_of_its_own_comes_first() -> None:
    resnet = next(option for option in net_field()["options"] if option["kind"] == "resnet")
    keys = [field["key"] for field in resnet["fields"]]
    assert keys.index("width") < keys.index("activation")


def test_kinds_that_cannot_read_the_data_say_why() -> None:
    unread = told_of_net({"data": {"kind": "moons"}})["unread"]
    assert unread["resnet"] == "a residual net reads pictures"
    assert unread["char_cnn"] == "reads the numbers of characters"
    assert "layers" not in unread
    assert "resnet" not in told_of_net({"data": DIGITS})["unread"]


def test_the_net_is_told_although_another_field_is_wrong() -> None:
    answer = check_draft({"view": "form", "spec": {"data": DIGITS, "net": {"wiring": "resnet"}, "batch": 9999}})
    assert [problem["path"] for problem in answer["problems"]] == ["batch"]
    assert answer["net"]["facts"]["parameters"] == 75_002


def test_a_net_that_cannot_read_the_data_has_a_word_beside_its_kind_and_no_drawing() -> None:
    answer = check_draft({"view": "form", "spec": {"data": {"kind": "rings"}, "net": {"wiring": "resnet"}}})
    assert [problem["path"] for problem in answer["problems"]] == ["net.wiring"]
    assert "pictures" in answer["problems"][0]["message"]
    assert answer["net"]["facts"] is None


@pytest.mark.parametrize("draft", [{"data": {"kind": "nope"}}, {"data": 3}, 7, None, {"net": [1]}, {"net": {"n": "x"}}])
def test_nothing_that_is_typed_breaks_it(draft: Any) -> None:
    told = told_of_net(draft)
    assert told is None or set(told) == {"unread", "facts"}


@pytest.mark.parametrize(("name", "value"), [("dropout", 0.3), ("bias", False), ("first_weights", "uniform")])
def test_a_setting_that_a_kind_would_leave_undone_is_refused(name: str, value: Any) -> None:
    answer = check_draft({"view": "form", "spec": {"data": DIGITS, "net": {"wiring": "resnet", name: value}}})
    assert [problem["path"] for problem in answer["problems"]] == [f"net.{name}"]
