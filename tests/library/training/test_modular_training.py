"""What a run can be asked for besides its net, on nets of blocks: optimisers, terms, averages, noise, schedules."""

import numpy as np
import pytest
import torch

from foldscape.net.averaging import mean_net, with_statistics_of
from foldscape.training import Loop
from tests.modular import CNN, RESNET, digits_run

NETS = {"resnet": RESNET, "cnn": CNN}
every_net = pytest.mark.parametrize("net", NETS.values(), ids=list(NETS))
ONE = {"stop": {"epochs": 1}, "batch": 90, "probes": []}
CASES = {
    "adam": {"optimizer": {"kind": "adam", "lr": 0.01}},
    "nudged": {"optimizer": {"kind": "nudged", "lr": 0.05, "k": 1, "points": 60}, "probes": [{"kind": "nudged"}]},
    "weight-decay": {"optimizer": {"kind": "sgd", "lr": 0.05, "weight_decay": 1e-3}, "probes": [{"kind": "terms"}]},
    "input-noise": {"input_noise": 0.1, "input_dropout": 0.1},
    "adversarial": {"adversarial": {"radius": 0.1}},
    "corrupt-labels": {"corrupt": {"labels": 0.2}},
    "corrupt-pixels": {"corrupt": {"pixels": 0.2}},
    "bagging": {"resample": {"kind": "bagging"}},
    "k-fold": {"resample": {"kind": "k_fold"}},
    "cosine": {"lr_schedule": {"kind": "cosine"}},
    "snapshot": {"lr_schedule": {"kind": "snapshot", "cycles": 2}, "stop": {"epochs": 2}},
    "fast-geometric": {"lr_schedule": {"kind": "fast_geometric"}, "stop": {"epochs": 6}, "net": CNN},
    "validation": {"validation_share": 0.2},
    "mse": {"loss": "mse"},
}


@pytest.mark.parametrize("case", list(CASES))
@every_net
def test_a_run_of_a_net_of_blocks_does_what_it_is_asked_for(case, net):
    given = ONE | CASES[case]
    loop = Loop(digits_run(given.pop("net", net), **given))
    events = list(loop.events())
    first, *_, last = (one for one in events if one.kind == "metrics")
    assert np.isfinite(last.values).all()
    assert not np.array_equal(first.values, last.values)
    if case == "nudged":
        assert [one for one in events if one.kind == "nudged"][-1].values[0] > 0


@every_net
def test_hills_push_a_net_off_its_own_place(net):
    terms = [{"kind": "hills", "at_epochs": [1], "sigma": 1.0, "strength": 1.0}]
    plain, lifted = (
        Loop(digits_run(net, terms=given, stop={"epochs": 2}, probes=[{"kind": "hills"}] if given else []))
        for given in ([], terms)
    )
    told = list(lifted.events())
    list(plain.events())
    top = next(one for one in told if one.kind == "hill_put").top
    ways = [
        np.sqrt(sum(np.square(a - b).sum() for a, b in zip(each._run.subject.net.flat(), top, strict=True)))
        for each in (plain, lifted)
    ]
    assert ways[1] > ways[0]
    put = [one for one in told if one.kind == "hills"]
    assert put[-1].distance[0] == pytest.approx(ways[1], rel=1e-5)


def test_a_hill_by_command_stands_where_the_net_is():
    commands = [{"step": 3, "command": {"kind": "hill", "sigma": 1.0}}]
    told = list(Loop(digits_run(RESNET, commands=commands, stop={"epochs": 1}, probes=[])).events())
    measured = [one for one in told if one.kind == "hills"]
    assert measured[0].distance[0] == 0
    assert measured[0].cells[0] == 0


def test_an_average_of_residual_nets_is_scored_with_statistics_of_its_own():
    loop = Loop(
        digits_run(RESNET, average={"kind": "swa", "begin": 0.1}, stop={"epochs": 3}, probes=[{"kind": "average"}])
    )
    nets = {}
    told = []
    for event in loop.events():
        told.append(event)
        if event.kind == "metrics":
            nets[event.step] = loop._run.engine.weights
    chosen = [nets[step] for step in sorted(nets)[1:]]
    split = digits_run(RESNET).load()
    mean = with_statistics_of(mean_net(chosen, [1 / 3] * 3), split.train_x)
    logits, y = torch.from_numpy(mean.logits(split.test_x)), torch.from_numpy(split.test_y)
    expected = torch.nn.functional.cross_entropy(logits, y).item()
    last = [one for one in told if one.kind == "scalars"][-1].values
    assert last["average_test_loss"] == pytest.approx(expected, rel=1e-4)
