"""Ensembles of recorded nets."""

import math

import numpy as np
import pytest
from pydantic import ValidationError

import foldscape
from foldscape.ensembles.measuring import follow
from foldscape.ensembles.prediction import mean_prediction, probabilities, score
from foldscape.ensembles.rows import PAIRWISE
from foldscape.ensembles.spec import EnsembleSpec
from foldscape.errors import FrameNotFound, InvalidInput, NotPossible
from foldscape.kept_frames import net_of
from foldscape.landscape.connection import linear_connection
from foldscape.landscape.recorded import record
from foldscape.landscape.recorded.run_record import StoredFrame
from foldscape.net.averaging import mean_net, with_statistics_of
from foldscape.net.mlp import Weights
from foldscape.net.norm import BatchNorm
from foldscape.spec import RunSpec

MOONS = {"data": {"kind": "moons", "n": 80}, "net": {"hidden": [6]}, "batch": 10, "probes": [{"kind": "frame"}]}


def spec_of(member=0, **changes):
    return RunSpec.model_validate(MOONS | {"member": member, "stop": {"epochs": 4}} | changes)


@pytest.fixture(scope="module")
def runs():
    return [record(spec_of(member), name=f"run{member}") for member in range(3)]


@pytest.fixture(scope="module")
def cycling():
    return record(spec_of(lr_schedule={"kind": "snapshot", "cycles": 4}), name="cycling")


def last_net(recording):
    return next(net for frame in recording.frames_before(None) if (net := net_of(frame, recording.spec)))


def test_one_member_is_that_net_bit_for_bit(runs):
    found, split = foldscape.ensemble(runs[:1]), runs[0].spec.load()
    plain = probabilities(last_net(runs[0]), split.test_x)
    assert found.score == found.added[0] == score(plain, split.test_y)
    assert found.mean_weights == found.score
    assert found.gain == 0
    row = [event for event in foldscape.run(runs[0].spec) if event.kind == "metrics"][-1].values
    assert found.score.accuracy == pytest.approx(float(row[4]), abs=1e-6)
    assert found.score.nll == pytest.approx(float(row[3]), rel=1e-5)


def test_T_C3_2_copies_of_one_moment_are_that_moment(runs):
    once, thrice = foldscape.ensemble(runs[:1]), foldscape.ensemble([runs[0]] * 3)
    assert thrice.added == 3 * once.added
    assert not np.any(thrice.matrix("distance"))
    assert not np.any(thrice.matrix("barrier"))
    assert not np.any(thrice.matrix("cell_distance"))


def test_members_are_added_in_order_and_the_matrices_are_those_of_their_parts(runs):
    found, split = foldscape.ensemble(runs), runs[0].spec.load()
    nets = [last_net(run) for run in runs]
    predictions = [probabilities(net, split.test_x) for net in nets]
    assert found.added == [score(mean_prediction(predictions[:count]), split.test_y) for count in (1, 2, 3)]
    assert found.mean_weights == score(probabilities(mean_net(nets, [1 / 3] * 3), split.test_x), split.test_y)
    for name in PAIRWISE:
        matrix = found.matrix(name)
        np.testing.assert_array_equal(matrix, matrix.T)
    assert found.matrix("distance")[0, 2] == pytest.approx(np.linalg.norm(nets[0].vector() - nets[2].vector()))
    evaluator = nets[0].evaluator(split.train_x, split.train_y)
    way = linear_connection(evaluator, nets[0].vector(), nets[1].vector())
    assert found.matrix("barrier")[0, 1] == way.barrier > 0
    lines = list(found.lines())
    assert len(lines) == 1 + 3 + 3 + 1 + 3
    assert {len(line) for line in lines} == {len(lines[0])}


def test_T_C3_3_the_order_of_members_changes_nothing_of_all_together(runs):
    assert foldscape.ensemble(runs).score == foldscape.ensemble(runs[::-1]).score


def test_weights_in_proportion_to_validation_accuracy():
    validated = [record(spec_of(member, validation_share=0.25), name=f"run{member}") for member in range(2)]
    found, split = foldscape.ensemble(validated, weights="validation_accuracy"), validated[0].spec.load()
    right = [
        np.mean(last_net(run).logits(split.validation_x).argmax(axis=1) == split.validation_y) for run in validated
    ]
    assert [one["weight"] for one in found.members] == pytest.approx(np.array(right) / sum(right))
    predictions = [probabilities(last_net(run), split.test_x) for run in validated]
    assert found.score == score(mean_prediction(predictions, right), split.test_y)


def test_weights_by_validation_accuracy_need_a_validation_part(runs):
    with pytest.raises(InvalidInput, match="need a validation part, and run0 has none"):
        foldscape.ensemble(runs, weights="validation_accuracy")


def test_the_cycles_of_a_snapshot_run_are_its_members(cycling):
    found = foldscape.ensemble([(cycling, "cycles")])
    assert [one["step"] for one in found.members] == list(cycling.spec.cycle_ends) == [6, 12, 18, 24]
    assert {one[0] for one in cycling.lasting_ids()} >= set(cycling.spec.cycle_ends)
    single = foldscape.ensemble([(cycling, 12)])
    assert single.members[0]["accuracy"] == found.members[1]["accuracy"]


def test_on_the_plane_every_boundary_is_told(runs):
    rows = foldscape.ensemble(runs[:2]).rows
    lines = foldscape.ensemble(runs[:1]).rows
    assert {"boundary.0", "boundary.1", "boundary.ensemble"} <= set(rows)
    assert lines["boundary.0"]["arrays"] == lines["boundary.ensemble"]["arrays"]


def test_what_is_known_is_not_measured_again(runs):
    spec = EnsembleSpec(members=("run0", "run1", "run2"))
    by_name = {run.name: run for run in runs}
    told = [row.key for step in follow(spec, by_name.__getitem__) for row in step.rows]
    again = [
        row.key
        for step in follow(spec, by_name.__getitem__, rows=[{"key": key} for key in told[:-2]])
        for row in step.rows
    ]
    assert again == told[-2:]


class Kept:
    """Two nets with batch normalisation, as a run keeps them."""

    def __init__(self, name, seed):
        self.name, self.spec = name, spec_of()
        rng = np.random.default_rng(seed)
        norm = BatchNorm(*(rng.uniform(0.5, 1.5, 5).astype(np.float32) for _ in range(4)))
        weights = (rng.normal(size=(5, 2)).astype(np.float32), rng.normal(size=(2, 5)).astype(np.float32))
        biases = (np.zeros(5, np.float32), np.zeros(2, np.float32))
        self.net = Weights(weights, biases, norms=(norm,))

    def frame_ids(self):
        return [(8, 0)]

    def frames(self, ids):
        return [StoredFrame({"step": 8, "epoch": 1.0}, {}, self.net.state()) for one in ids if one == (8, 0)]

    def frames_before(self, step):
        return self.frames(self.frame_ids())


def bits(net):
    return [part.tobytes() for part in (*net.flat(), *(each for norm in net.norms for each in norm.arrays()))]


def test_T_C3_4_measuring_changes_no_net_and_each_uses_its_own_statistics():
    kept = [Kept("a", 1), Kept("b", 2)]
    before = [bits(one.net) for one in kept]
    found = foldscape.ensemble(kept)
    assert [bits(one.net) for one in kept] == before
    split = kept[0].spec.load()
    own = [probabilities(one.net, split.test_x) for one in kept]
    assert found.score == score(mean_prediction(own), split.test_y)
    stranger = Weights(kept[1].net.weights, kept[1].net.biases, norms=kept[0].net.norms)
    assert not np.allclose(probabilities(stranger, split.test_x), own[1])


def test_the_mean_of_weights_gets_statistics_of_its_own_from_the_training_points():
    first, second = Kept("a", 1).net, Kept("b", 2).net
    x = spec_of().load().train_x
    mean = with_statistics_of(mean_net([first, second], [0.5, 0.5]), x)
    z = x @ mean.weights[0].T + mean.biases[0]
    np.testing.assert_allclose(mean.norms[0].mean, z.mean(axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(mean.norms[0].var, z.var(axis=0), rtol=1e-5)
    np.testing.assert_allclose(mean.norms[0].gamma, (first.norms[0].gamma + second.norms[0].gamma) / 2)


def test_nets_of_other_shapes_have_no_distance_and_no_mean_but_an_ensemble(runs):
    wider = record(spec_of(net={"hidden": [8, 3]}), name="wider")
    found = foldscape.ensemble([runs[0], wider])
    assert math.isnan(found.matrix("distance")[0, 1])
    assert math.isnan(found.matrix("barrier")[0, 1])
    assert math.isnan(found.matrix("cell_distance")[0, 1])
    assert found.matrix("disagreement")[0, 1] >= 0
    assert found.mean_weights is None


def test_members_on_other_points_are_refused_by_name(runs):
    other = record(spec_of(seed=8), name="elsewhere")
    with pytest.raises(InvalidInput, match=r"run0@24 and elsewhere@24 have other training or test points"):
        foldscape.ensemble([runs[0], other])


def test_members_with_other_classes_are_refused_by_name(runs):
    blobs = record(spec_of(data={"kind": "gaussian_blobs", "k": 4, "n": 80}), name="blobs")
    with pytest.raises(InvalidInput, match=r"run0@24 tells 2 classes apart and blobs@24 4"):
        foldscape.ensemble([runs[0], blobs])


def test_a_moment_that_is_not_kept_is_refused_with_the_nearest(runs):
    with pytest.raises(FrameNotFound, match=r"Run run0 keeps no net of step 7; the nearest kept: 6 and 12"):
        foldscape.ensemble([(runs[0], 7)])


def test_a_schedule_without_cycles_has_none(runs):
    with pytest.raises(NotPossible, match="The schedule of run0, constant, has no cycles"):
        foldscape.ensemble([(runs[0], "cycles")])


def test_a_set_without_test_points_is_refused():
    untested = record(spec_of(data={"kind": "moons", "n": 40, "test_share": 0}), name="untested")
    with pytest.raises(NotPossible, match="The data of untested@16 have no test points"):
        foldscape.ensemble([untested])


def test_no_member_is_refused():
    with pytest.raises(InvalidInput, match="An ensemble of 0 members"):
        foldscape.ensemble([])
    with pytest.raises(ValidationError, match="members name 0 nets; give at least 1"):
        EnsembleSpec(members=())
