"""What is said of a net before it is made is true of the net that is made."""

from typing import ClassVar

import numpy as np
import pytest

from foldscape.net.abilities import Abilities
from foldscape.net.facts import facts_of
from foldscape.net.spec import NetSpec, kinds_of_net
from foldscape.spec import RunSpec

PICTURES, SENTENCES = {"kind": "digits"}, {"kind": "ag_news_lite", "encoder": {"kind": "characters", "dims": 160}}


def _runs():
    """Give a run of every kind on data that it can read."""
    for name in kinds_of_net():
        for data in ({"kind": "rings"}, PICTURES, SENTENCES):
            try:
                yield pytest.param(RunSpec.model_validate({"data": data, "net": {"wiring": name}}), id=name)
                break
            except ValueError:
                continue


@pytest.mark.parametrize("run", list(_runs()))
def test_parameters_units_and_operations_are_those_of_the_first_net(run):
    shape, classes = run.data.shape, run.data.classes
    net = run.net.first_on(shape, classes, np.random.default_rng(0))
    facts = facts_of(run.net, shape, classes)
    assert facts.parameters == net.parameters == run.net.parameters_on(shape, classes)
    assert run.net.units_on(shape, classes) == net.neurons
    assert facts.operations == pytest.approx(net.flops_per_sample)
    assert facts.blocks[-1].out == (classes,)


@pytest.mark.parametrize("net", [{"wiring": "dag", "hidden": (), "bias": False}, {"wiring": "dag", "hidden": (3, 2)}])
def test_a_graph_counts_its_edges(net):
    run = RunSpec.model_validate({"net": net})
    first = run.net.first_on(run.data.shape, run.data.classes, np.random.default_rng(0))
    assert facts_of(run.net, run.data.shape, run.data.classes).parameters == first.parameters


def test_what_growth_has_changed_is_drawn():
    run = RunSpec.model_validate({"data": PICTURES, "net": {"wiring": "resnet", "width": 4}})
    shape, classes = run.data.shape, run.data.classes
    grown = facts_of(run.net, shape, classes, ((4, 5), (8,), (16,)))
    assert [block.inner for block in grown.blocks] == [None, 4, 5, 8, 16, None]
    assert grown.parameters > facts_of(run.net, shape, classes).parameters
    assert grown.operations == 6 * grown.multiplications


@pytest.mark.parametrize(
    ("data", "net", "name"),
    [
        ({"kind": "rings"}, {"hidden": (4, 3)}, "2-4-3-2"),
        ({"kind": "rings"}, {"wiring": "dag", "hidden": (4,)}, "2-4-2 · dag"),
        (PICTURES, {"wiring": "resnet", "width": 4, "n": 3}, "ResNet-20, width 4"),
        (
            PICTURES,
            {"wiring": "resnet", "shortcut": "B", "norm": "group"},
            "ResNet-8, width 16, shortcuts B, group norm",
        ),
        (PICTURES, {"wiring": "cnn", "channels": (4, 8)}, "CNN 4-8"),
        (SENTENCES, {"wiring": "char_cnn"}, "character CNN, 64 filters a width"),
        (SENTENCES, {"wiring": "text", "hidden": (16,)}, "text net, width 32, mean of vectors, hidden 16"),
        (PICTURES, {"wiring": "transformer"}, "transformer, width 32, depth 2"),
        (PICTURES, {"wiring": "mobilenet_v2", "width": 0.5}, "MobileNetV2, width 0.5"),
        (PICTURES, {"wiring": "res_mlp", "width": 8, "inner": 4, "blocks": 2}, "ResMLP, width 8, inner 4, blocks 2"),
    ],
)
def test_tables_call_a_net_by_its_kind_and_size(data, net, name):
    run = RunSpec.model_validate({"data": data, "net": net})
    assert run.net.called_on(run.data.shape, run.data.classes) == name


def test_a_net_whose_blocks_are_not_known_has_no_numbers_made_up():
    class Untold(NetSpec):
        can: ClassVar[Abilities] = Abilities("untold", "untold", "an untold net", "untold nets", drawn="blocks")

        def drawn_on(self, shape, classes, structure=None):
            return []

    facts = facts_of(Untold(wiring="untold"), (2,), 2)
    assert (facts.parameters, facts.multiplications, facts.operations, facts.blocks) == (None, None, None, ())
