"""What a run measures of its loss: right, without a trace in the run, and changed in mid-run by a command."""

from contextlib import contextmanager

import numpy as np
import pytest

import foldscape
from foldscape import wire
from foldscape.probes import Probe
from foldscape.registry import kinds
from foldscape.training import Loop, Snapshot, Unattended
from foldscape.training.sharpness import objective_of

ALL = [{"kind": kind, "every": 1} for kind in kinds("foldscape.probes", Probe)]
CURVATURE = {"kind": "curvature", "every": 1, "k": 5, "smallest": True, "granularities": ["none", "tensor", "element"]}


def spec(**changes):
    plain = {
        "data": {"kind": "moons", "n": 80},
        "net": {"hidden": [4], "activation": "tanh"},
        "stop": {"epochs": 3},
        "seed": 3,
    }
    return foldscape.RunSpec.model_validate(plain | changes)


def packed(events):
    return [(event.step, event.seq, *wire.pack_event(event)) for event in events]


def last(spec, kind):
    """Run to the end; give the last event of a kind and the loss it was measured on."""
    loop = Loop(spec)
    event = [event for event in loop.events() if event.kind == kind][-1]
    return event, objective_of(loop.subject.net, *loop.subject.probe_points())


def batch_normed():
    """A run whose only layer is normalised before the first update."""
    rule = {"kind": "batch_norm"}
    return {"commands": [{"step": 0, "command": {"kind": "grow", "rule": rule}}], "engine": "auto"}


@pytest.mark.parametrize("changes", [{}, batch_normed()], ids=["plain", "batch norm"])
@pytest.mark.parametrize("probe", ALL, ids=[probe["kind"] for probe in ALL])
def test_a_probe_leaves_weights_and_normalisation_bit_for_bit(probe, changes):
    """T-B2-4: a run with a probe at every measurement is the run without."""
    states = []
    for probes in ([], [probe]):
        loop = Loop(spec(probes=probes, **changes))
        list(loop.events())
        states.append(loop.snapshot())
    bare, measured = states
    assert {name for name in measured.arrays if not name.startswith("note_")} == set(bare.arrays)
    for name, value in bare.arrays.items():
        np.testing.assert_equal(measured.arrays[name], value, err_msg=name)


def test_the_same_spec_gives_the_same_measurements():
    one = spec(probes=ALL)
    assert packed(foldscape.run(one)) == packed(foldscape.run(one))


def test_top_eigenvalues_and_the_smallest_are_those_of_the_dense_hessian():
    """T-0-3, along a run."""
    event, objective = last(spec(probes=[CURVATURE]), "curvature")
    exact = np.linalg.eigvalsh(objective.dense_hessian())[::-1]
    np.testing.assert_allclose(event.values, exact[:5], rtol=1e-3)
    assert event.lambda_max == event.values[0]
    assert event.smallest == pytest.approx(exact[-1], rel=1e-3)
    assert event.flatness["none"] == pytest.approx(exact[0], rel=1e-3)
    assert event.points == 60
    assert (event.residuals <= 1e-3 * exact[0]).all()


def test_a_slice_passes_through_the_loss_and_bends_as_its_eigenvalue_says():
    """T-B2-2."""
    probes = [{"kind": "slice", "every": 1, "directions": 3, "points": 201, "radius": 0.002}]
    loop = Loop(spec(probes=probes))
    cuts = [event for event in loop.events() if event.kind == "slice"][-3:]
    objective = objective_of(loop.subject.net, *loop.subject.probe_points())
    assert [cut.direction for cut in cuts] == [1, 2, 3]
    for cut in cuts:
        middle = len(cut.t) // 2
        assert cut.train[middle] == np.float32(objective.loss())
    values = np.linalg.eigvalsh(objective.dense_hessian())[::-1]
    assert [cut.lambda_max for cut in cuts] == pytest.approx(values[:3], rel=1e-3)


def test_the_step_marked_on_a_slice_is_the_mean_move_of_a_mini_batch():
    """With the whole set as the batch, every one of them is the full gradient."""
    one = spec(batch=60, optimizer={"kind": "sgd", "lr": 0.1}, probes=[{"kind": "slice", "every": 1}])
    cut, _ = last(one, "slice")
    assert cut.sgd_step == pytest.approx(0.1 * abs(cut.slope), rel=1e-6)


def test_traces_hold_the_sums_over_the_spectrum():
    """T-0-4."""
    event, objective = last(spec(probes=[{"kind": "traces", "every": 1, "draws": 400}]), "traces")
    dense = objective.dense_hessian()
    assert abs(event.trace - np.trace(dense)) <= 4 * event.trace_error + 1e-9
    assert abs(event.frobenius - np.linalg.norm(dense)) <= 4 * event.frobenius_error + 1e-9


def test_probes_are_chosen_in_mid_run_and_kept_in_the_snapshot():
    command = {"step": 8, "command": {"kind": "set_probes", "probes": [{"kind": "traces", "every": 1}]}}
    one = spec(probes=[{"kind": "curvature", "every": 1}], commands=[command], batch=20)
    whole = list(foldscape.run(one))
    steps = {kind: [event.step for event in whole if event.kind == kind] for kind in ("curvature", "traces")}
    assert steps == {"curvature": [0, 3, 6], "traces": [9]}

    class Halt(Unattended):
        def take(self, position):
            if position.step == 8:
                self.snapshot = loop.snapshot()
                loop.finished = True
            return ()

        def allowance(self, position):
            return 1

    loop, halt = Loop(one), Halt()
    first = list(loop.events(halt))
    second = foldscape.run(one, start=Snapshot.unpack(*halt.snapshot.pack()))
    assert packed(first) + packed(second) == packed(whole)


def test_each_measurement_may_be_timed_without_changing_it():
    timed = []

    @contextmanager
    def timing(kind):
        yield
        timed.append(kind)

    loop = Loop(spec())
    loop.timing = timing
    assert packed(loop.events()) == packed(foldscape.run(spec()))
    assert timed[:3] == ["frame", "curvature", "slice"]
