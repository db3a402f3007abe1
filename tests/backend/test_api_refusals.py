"""What does not fit together in a run is refused with one sentence beside its field: value, allowed, way out."""

import math

import pytest

from tests.bad_input import BAD_INPUT

DECAY = {"kind": "weight_decay"}
SMALL = {"data": {"kind": "xor", "n": 8}, "batch": 1, "seed": 8}
TEN = {"stop": {"epochs": 10}}
REFUSED = {
    "loss.label_smoothing": ({"loss": {"kind": "cross_entropy", "label_smoothing": 1.5}}, "less than 1"),
    "loss.kind": ({"loss": {"kind": "hinge"}}, "cross_entropy or mse"),
    "terms": ({"terms": [DECAY, DECAY]}, "give one of a kind"),
    "terms.0.kind": ({"terms": [{"kind": "ewc"}]}, "weight_decay"),
    "optimizer.weight_decay": (
        {"terms": [DECAY], "optimizer": {"kind": "sgd", "weight_decay": 0.1}},
        "take one of them",
    ),
    "optimizer.momentum": ({"optimizer": {"kind": "sgd", "momentum": 0.9}}, "kind, lr or weight_decay"),
    "lr_schedule.epochs": ({"lr_schedule": {"kind": "cosine", "epochs": 50}, **TEN}, "stop.epochs higher"),
    "lr_schedule.then.every": (
        {"lr_schedule": {"kind": "warm_up", "then": {"kind": "step", "every": 50}}, **TEN},
        "set every lower",
    ),
    "batch_schedule.every": ({"batch_schedule": {"kind": "step", "every": 50}, **TEN}, "set every lower"),
    "validation_share": ({**SMALL, "validation_share": 0.34}, "or 0"),
    "stop.early_stop.on": ({"stop": {"early_stop": {}}}, "set it to 0.2"),
    "device": ({"device": "cuda"}, "set queue to gpu or device to cpu"),
    "engine": ({"engine": "compiled", "net": {"dropout": 0.2}}, "set engine to auto or torch"),
    "net.wiring": ({"net": {"wiring": "dag", "dropout": 0.2}}, "set it to layers"),
    "data.path": ({"data": {"kind": "folder", "path": "/etc"}}, "foldscape run or from Python"),
    "augment": ({"augment": [{"kind": "flip"}]}, "use no augmentation"),
    "normalise": ({"normalise": "channels"}, "use none"),
    "start.run": ({"start": {"run": "none"}}, ""),
}


ALL = [
    *((path, spec, allowed) for path, (spec, allowed) in REFUSED.items()),
    *(one for one in BAD_INPUT if not math.isnan(one[1].get("corrupt", {}).get("pixels", 0))),  # JSON has no NaN
]


@pytest.mark.parametrize(("path", "spec", "allowed"), ALL)
def test_one_sentence_beside_the_field(client, path, spec, allowed):
    answer = client.post("/api/runs", json=spec)
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "hint", "fields"}
    (field,) = error["fields"]
    assert set(field) == {"path", "message", "given", "allowed"}
    assert field["path"] == path
    assert allowed in field["allowed"]
    assert field["allowed"] or error["hint"]
