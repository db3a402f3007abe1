"""A kind of net from outside the package that can do less than a chain, by an engine of its own."""

import json

import pytest

from foldscape.net.spec import kinds_of_net
from tests.extras import install_package, said_with

CALM = '''
from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from foldscape.net.abilities import Abilities
from foldscape.net.kinds.layers import LayersSpec


class CalmSpec(LayersSpec):
    """A chain of layers whose first weights are small, trained by an engine of its own."""

    can: ClassVar[Abilities] = replace(
        LayersSpec.can, name="calm", title="calm layers", words="a calm chain", plural="calm chains", grown_as="",
        engines={"torch": "calm:engine_of"}, many="", pieces="", warm=(),
    )
    wiring: Literal["calm"]
    calm: float = Field(0.5, gt=0, le=1)
    """Factor on all first weights."""

    def first(self, features, classes, rng):
        from calm_net import Calm
        from foldscape.net.mlp import initial

        net = initial(self, features, classes, rng)
        parts = tuple(weight * weight.dtype.type(self.calm) for weight in net.weights)
        return Calm(parts, net.biases, self.activation, self.negative_slope)

    def recorded(self, state, features, classes):
        from calm_net import Calm

        return Calm(state["weights"], state["biases"], self.activation, self.negative_slope)


def engine_of(net, spec, split):
    from calm_net import Calm
    from foldscape.engine.torch_engine import TorchEngine

    class CalmEngine(TorchEngine):
        @property
        def weights(self):
            now = super().weights
            return Calm(now.weights, now.biases, now.activation, now.negative_slope)

    return CalmEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.device, spec.loss)
'''
NET = """
from dataclasses import dataclass
from typing import ClassVar

from calm import CalmSpec
from foldscape.net.abilities import Abilities
from foldscape.net.mlp import Weights


@dataclass(frozen=True)
class Calm(Weights):
    can: ClassVar[Abilities] = CalmSpec.can
"""
CARRIED = """
import asyncio, json, warnings
import foldscape, foldscape.sweep
from pydantic import ValidationError
from backend.board import facts
from backend.routes.schema import read_schema
from foldscape.cost.run import foresee

net = {"hidden": [3], "wiring": "calm", "output_scale": 1, "calm": 0.25}
spec = foldscape.RunSpec.model_validate({"data": {"kind": "moons", "n": 60}, "net": net, "stop": {"epochs": 2},
    "commands": [{"step": 1, "command": {"kind": "grow", "rule": {"kind": "gradmax"}}}]})
events = list(foldscape.run(spec))
schema = asyncio.run(read_schema())
vary = {"calm": {"a": {"net.calm": 0.1}, "b": {"net.calm": 1}}}
sweep = {"base": spec.model_dump(mode="json") | {"commands": []}, "seeds": "0-1", "vary": vary}
done = foldscape.sweep.run(sweep, threads=1)
slice_of = foldscape.landscape.of_run(events, {"view": "slice"}, spec=spec)
try:
    foldscape.RunSpec.model_validate({"net": net | {"calm": 0}})
except ValidationError as error:
    from foldscape.explain import explain
    fault = explain(error.errors(), foldscape.RunSpec)[0]
print(json.dumps({
    "kinds": sorted({event.kind for event in events}),
    "why": next(event.why_no_folds for event in events if event.kind == "frame"),
    "refused": [event.refused for event in events if event.kind == "command"],
    "net": json.loads(spec.model_dump_json())["net"],
    "told": next(each for each in schema["nets"] if each["wiring"] == "calm"),
    "tags": sorted(schema["RunSpec"]["properties"]["net"]["discriminator"]["mapping"]),
    "sweep": [row.state for row in done.rows],
    "cells": list(slice_of.arrays("cells")["values"].shape),
    "fault": fault["path"],
    "foreseen": foresee(spec).seconds,
    "shown": facts(spec)["wiring"],
}))
"""


@pytest.fixture(scope="module")
def carried(tmp_path_factory):
    files = {"calm.py": CALM, "calm_net.py": NET}
    path = install_package(tmp_path_factory.mktemp("plugin"), "calm", files, {"net.calm": "calm"})
    return json.loads(said_with(path, "-c", CARRIED).stdout.splitlines()[-1])


def test_it_runs_is_measured_and_told(carried):
    assert {"metrics", "frame", "curvature", "slice", "command", "status"} <= set(carried["kinds"])
    assert carried["net"]["calm"] == 0.25
    assert carried["told"]["title"] == "calm layers"
    assert carried["told"]["engines"] == ["torch"]
    assert carried["tags"] == sorted(["calm", *kinds_of_net()])
    assert carried["sweep"] == ["done"] * 4
    assert carried["cells"] == [4, 201]
    assert carried["foreseen"] > 0
    assert carried["shown"] == "calm"


def test_what_it_cannot_is_refused_in_words(carried):
    assert carried["told"]["rules"] == []
    assert "pieces" not in carried["told"]["parts"]
    assert carried["why"].startswith("the folds of a calm chain cannot be computed")
    (refused,) = carried["refused"]
    assert refused.startswith("This net is a calm chain, and gradmax grows a chain of layers, ")


def test_its_own_field_is_judged_beside_itself(carried):
    assert carried["fault"] == "net.calm"
