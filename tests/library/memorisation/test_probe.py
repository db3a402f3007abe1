"""The probe of memorisation: its shares by hand, its memory through snapshots, its columns in sweeps."""

import numpy as np
import pytest

import foldscape
from foldscape.events import Memorisation
from foldscape.memorisation import gini, sensitivity
from foldscape.training import Loop


def spec(**more):
    plain = {
        "data": {"kind": "gaussian_blobs", "n": 120, "noise": 0.4}, "net": {"hidden": [8], "output_scale": 1},
        "stop": {"epochs": 6}, "probes": [{"kind": "memorisation", "radius": 0.2}],
        "corrupt": {"labels": 0.4, "inputs": 0.2},
    }  # fmt: skip
    return foldscape.RunSpec.model_validate(plain | more)


def told(loop):
    return [event for event in loop.events() if isinstance(event, Memorisation)]


def test_shares_are_those_counted_by_hand():
    loop = Loop(spec())
    found = told(loop)[-1]
    net, split = loop.subject.net, loop.subject.split
    answers = net.logits(split.train_x).argmax(axis=1)
    assert found.clean == (answers == split.train_y)[~split.corrupted].mean()
    assert found.corrupted == (answers == split.train_y)[split.corrupted].mean()
    assert found.corrupted_true == (answers == split.true_y)[split.mislabelled].mean()
    assert found.searched == len(split.test_x)
    assert 0 < found.csr < 1
    assert found.subset == ""


def test_sensitivity_is_the_mean_over_the_moments_and_a_point_once_learnt_stays_so():
    loop, means, first = Loop(spec()), [], None
    for event in loop.events():
        if isinstance(event, Memorisation):
            net, split = loop.subject.net, loop.subject.split
            means.append(sensitivity(net, split.train_x, split.train_y))
            assert event.sensitivity == pytest.approx(np.mean(means))
            assert event.gini == pytest.approx(gini(np.mean(means, axis=0)))
            right = (net.logits(split.train_x).argmax(axis=1) == split.train_y) & (event.step > 0)
            first = np.where(right, event.epoch, np.nan) if first is None else np.where(
                np.isnan(first) & right, event.epoch, first)  # fmt: skip
            np.testing.assert_array_equal(event.learnt_at, first.astype(np.float32))
            assert event.clean_learnt == np.isfinite(first)[~split.corrupted].mean()
            assert event.corrupted_learnt == np.isfinite(first)[split.corrupted].mean()
    assert len(means) == 7


def test_a_run_taken_up_from_a_snapshot_tells_the_same():
    whole = told(Loop(spec()))
    loop = Loop(spec())
    for event in loop.events():
        if isinstance(event, Memorisation) and event.epoch == 3:
            break
    again = told(Loop(spec(), start=loop.snapshot()))
    assert (again[-1].sensitivity, again[-1].csr) == (whole[-1].sensitivity, whole[-1].csr)
    np.testing.assert_array_equal(again[-1].learnt_at, whole[-1].learnt_at)


def test_what_there_is_none_of_is_not_told():
    found = told(Loop(spec(corrupt={})))[-1]
    assert (found.corrupted, found.corrupted_true, found.corrupted_learnt) == (None, None, None)
    everything = told(Loop(spec(corrupt={"inputs": 1})))[-1]
    assert (everything.clean, everything.corrupted_true) == (None, None)
    assert everything.corrupted is not None


def test_a_sweep_has_its_columns_with_the_radius_they_were_made_with():
    base = spec().model_dump(mode="json")
    measure = {"every": 1, "probes": [{"kind": "memorisation", "radius": 0.2}]}
    swept = foldscape.sweep.run(
        {"base": base, "measure": measure, "vary": {"corrupt.labels": [0.4, 0.0]}, "seeds": [7]}
    )
    alone = told(Loop(spec()))[-1]
    curve = swept.rows[0].curve
    assert curve.last("csr") == alone.csr
    assert curve.last("corrupted_accuracy") == alone.corrupted
    assert curve.last("sensitivity_gini") == alone.gini
    assert curve.made_with["csr"] == "radius 0.2"


def test_growing_nets_and_graphs_are_measured():
    grown = spec(growth={"rule": {"kind": "gradmax"}, "schedule": {"kind": "at_epochs", "epochs": [2]}})
    assert told(Loop(grown))[-1].clean is not None
    graph = spec(net={"wiring": "dag", "hidden": [4]})
    assert told(Loop(graph))[-1].csr is not None
