from __future__ import annotations

from typing import Any

import pytest

from foldscape.data.base import DataSet
from foldscape.growth.base import GrowthRule
from foldscape.losses import Loss, LossSpec, MeanSquaredError
from foldscape.model import Model, added
from foldscape.probes.base import Probe
from foldscape.registry import kinds
from foldscape.spec import RunSpec
from frontend.launch.plan import form_plan


def plan() -> dict[str, Any]:
    return form_plan(RunSpec.model_json_schema(), RunSpec().model_dump(mode="json"))


def named(fields: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {field["key"]: field for field in fields}


def every_node(node: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*node.get("fields", []), *node.get("options", [])]
    below += [node[name] for name in ("inner", "item") if name in node]
    return [node] + [deeper for each in below if isinstance(each, dict) for deeper in every_node(each)]


def test_every_field_of_a_spec_appears() -> None:
    assert set(named(plan()["fields"])) == set(RunSpec.model_fields)


@pytest.mark.parametrize(
    ("path", "package", "base"),
    [
        (("data",), "foldscape.data", DataSet),
        (("loss",), "foldscape.losses", Loss),
        (("growth", "rule"), "foldscape.growth", GrowthRule),
        (("probes",), "foldscape.probes", Probe),
    ],
)
def test_every_kind_appears_with_every_field(path: tuple[str, ...], package: str, base: Any) -> None:
    node: dict[str, Any] = plan()
    for part in path:
        node = named(node["fields"])[part]
    union = node.get("item", node)
    options = {option["kind"]: option for option in union["options"]}
    found = kinds(package, base)
    assert set(options) == set(found)
    for kind, model in found.items():
        written = {
            name for name, field in model.model_fields.items() if (field.json_schema_extra or {}).get("readOnly")
        }
        assert set(named(options[kind]["fields"])) == set(model.model_fields) - {"kind"} - written


def test_a_loss_stands_in_its_own_words_with_its_settings_spelt_out() -> None:
    loss = named(plan()["fields"])["loss"]
    assert (loss["type"], loss["inline"]) == ("union", True)
    assert loss["default"] == {"kind": "cross_entropy", "label_smoothing": 0, "smoothing_over": "others"}
    assert [option["title"] for option in loss["options"]] == ["cross-entropy", "half squared error"]


def test_nothing_needs_to_be_written_as_json() -> None:
    """But what only its owner knows: the options of a module of one's own."""
    assert [node["key"] for node in every_node(plan()) if node.get("type") == "json"] == ["options"]


def test_help_comes_from_the_descriptions() -> None:
    fields = named(plan()["fields"])
    assert fields["batch"]["help"] == "Points a mini-batch."
    assert all(field["help"] for field in fields.values())


def test_limits_lists_and_options_keep_their_meaning() -> None:
    fields = named(plan()["fields"])
    net = fields["net"]
    assert (net["type"], net["tag"], net["usual"]) == ("union", "wiring", "layers")
    assert {option["title"] for option in net["options"]} >= {"layers", "character CNN", "graph (DAG)", "ResNet"}
    assert net["options"][0]["title"] == "layers"
    hidden = named(net["options"][0]["fields"])["hidden"]
    assert hidden["type"] == "list"
    assert hidden["most"] == 4
    assert hidden["item"]["type"] == "number"
    assert hidden["item"]["max"] == 1024
    assert fields["speed"]["type"] == "optional"
    assert named(fields["stop"]["fields"])["plateau"]["inner"]["type"] == "group"
    granularities = next(node for node in every_node(plan()) if node["key"] == "granularities")
    assert granularities["type"] == "picks"


def test_a_default_that_a_factory_makes_is_the_one_that_a_form_begins_with() -> None:
    class Given(Model):
        loss: LossSpec = added(default_factory=MeanSquaredError)

    assert Given.model_json_schema()["properties"]["loss"]["default"] == "mse"
    assert form_plan(Given.model_json_schema())["fields"][0]["default"] == {"kind": "mse"}
    assert Given().model_dump() == {}


def test_fields_are_called_in_the_terms_of_the_field_and_stand_where_they_are_marked() -> None:
    fields = named(plan()["fields"])
    assert fields["lr_schedule"]["title"] == "learning rate schedule"
    net = named(fields["net"]["options"][0]["fields"])
    assert net["negative_slope"]["matters"] == {"activation": ["leaky_relu"]}
    assert net["dropout"]["advanced"]
    assert net["activation"]["words"] == ["ReLU", "leaky ReLU", "tanh"]
    assert "advanced" not in fields["batch"]
    told = [node for node in every_node(plan()) if "matters" in node]
    assert len(told) > 3


def test_marks_name_fields_that_stand_beside_them() -> None:
    for node in every_node(plan()):
        beside = {field["key"] for field in node.get("fields", [])} | {"kind", "wiring"}
        for field in node.get("fields", []):
            assert set(field.get("matters", {})) <= beside


def test_no_hint_is_cut() -> None:
    assert all(node["help"].endswith((".", "):")) for node in every_node(plan()) if node.get("help"))


def test_a_schema_nobody_has_thought_of_is_still_editable() -> None:
    schema = {"properties": {"odd": {"description": "Anything.", "anyOf": [{"type": "string"}, {"type": "array"}]}}}
    assert form_plan(schema)["fields"][0]["type"] == "json"
