"""`POST /api/nets/plan`, and what tables say of runs whose nets are blocks."""

import pytest

from backend.board import complete, facts
from foldscape.spec import RunSpec

RESNET = {"data": {"kind": "digits"}, "net": {"wiring": "resnet"}}


def test_a_net_is_told_without_being_made(client):
    told = client.post("/api/nets/plan", json=RESNET).json()
    assert (told["name"], told["parameters"]) == ("ResNet-8, width 16", 75_002)
    assert told["operations"] == 6 * told["multiplications"]
    assert [block["name"] for block in told["blocks"]] == ["stem", "stage1_1", "stage2_1", "stage3_1", "head"]
    assert sum(block["parameters"] for block in told["blocks"]) == told["parameters"]


def test_a_chain_of_layers_has_the_same_facts(client):
    told = client.post("/api/nets/plan", json={"data": {"kind": "rings"}, "net": {"hidden": [3, 2]}}).json()
    assert (told["name"], told["parameters"], told["multiplications"]) == ("2-3-2-2", 23, 16)
    assert [block["inner"] for block in told["blocks"]] == [3, 2, None]


def test_what_growth_has_made_of_it_is_told(client):
    told = client.post("/api/nets/plan", json={**RESNET, "structure": [[16], [33], [64]]}).json()
    assert [block["inner"] for block in told["blocks"]] == [None, 16, 33, 64, None]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"data": {"kind": "rings"}, "net": {"wiring": "resnet"}}, "net.wiring"),
        ({**RESNET, "net": {"wiring": "resnet", "width": 0}}, "net.width"),
        ({**RESNET, "net": {"wiring": "nope"}}, "net.wiring"),
        ({**RESNET, "structure": [[0]]}, "structure.0.0"),
        ({"net": {}}, "data"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(client, body, path):
    answer = client.post("/api/nets/plan", json=body)
    assert answer.status_code == 422
    assert [field["path"] for field in answer.json()["error"]["fields"]] == [path]


@pytest.mark.parametrize("structure", [[], [[1, 2], [3]], [[4, 4, 4]]])
def test_no_structure_breaks_it(client, structure):
    assert client.post("/api/nets/plan", json={**RESNET, "structure": structure}).status_code in (200, 422)


def test_the_schema_tells_how_each_kind_is_drawn_and_what_it_reads(client):
    nets = {each["wiring"]: each for each in client.get("/api/schema").json()["nets"]}
    assert nets["resnet"]["drawn"] == "blocks"
    assert nets["resnet"]["samples"] == ["pictures"]
    assert nets["layers"]["samples"] == ["points", "numbers", "pictures"]


@pytest.mark.parametrize(
    ("neurons", "net", "method"), [(112, "ResNet-8, width 16", "fixed"), (115, "ResNet-8, width 16 +3", "grown")]
)
def test_a_net_of_blocks_has_grown_only_once_it_has_more_units_than_at_first(neurons, net, method):
    known = facts(RunSpec.model_validate(RESNET))
    groups = {False: ("fixed", "a"), True: ("grown", "b")}
    summary = dict.fromkeys(("heartbeat", "rate", "step"), None) | {"state": "done", "message": "", "neurons": neurons}
    shown = complete(summary, {**known, "groups": groups, "settings": {}})
    assert (shown["net"], shown["method"], shown["plane"], shown["drawn"]) == (net, method, False, "blocks")
