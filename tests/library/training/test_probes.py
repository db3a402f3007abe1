"""What a run measures of its loss: right, without a trace in the run, and changed in mid-run by a command."""

import dataclasses
from contextlib import contextmanager

import numpy as np
import pytest

import foldscape
from foldscape import curvature as curves
from foldscape import wire
from foldscape.probes.measuring.curvature import curvature
from foldscape.training import Loop, Snapshot, Unattended
from tests.probes import probes_for

ALL = probes_for("moons", every=1)
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
    return event, loop.subject.net.objective(*loop.subject.probe_points())


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
    objective = loop.subject.net.objective(*loop.subject.probe_points())
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
    assert timed[:3] == ["metrics", "frame", "curvature"]


def test_a_density_integrates_to_one_and_is_that_of_the_dense_hessian():
    """T-0-5."""
    event, objective = last(spec(probes=[{"kind": "density", "every": 1, "runs": 100}]), "density")
    exact = np.linalg.eigvalsh(objective.dense_hessian())
    step = np.diff(event.grid.astype(float)).mean()
    assert event.density.sum() * step == pytest.approx(1, abs=1e-3)
    mean = (event.grid * event.density).sum() * step
    assert mean * objective.size == pytest.approx(exact.sum(), rel=0.15)
    assert event.grid[0] < exact[0] < exact[-1] < event.grid[-1]


def test_overlaps_are_one_for_a_subspace_that_stands_still_and_start_anew_at_a_birth():
    grow = {"step": 4, "command": {"kind": "grow", "rule": {"kind": "random_direction"}}}
    still = {"optimizer": {"kind": "sgd", "lr": 1e-12}, "batch": 20, "commands": [grow]}
    events = list(foldscape.run(spec(probes=[{"kind": "noise", "every": 1, "k": 3}], **still)))
    noise = {event.step: event for event in events if event.kind == "noise"}
    assert (noise[0].overlap_last, noise[0].overlap_first) == (None, 1)
    assert noise[3].overlap_last == pytest.approx(1)
    assert (noise[4].overlap_last, noise[4].overlap_first) == (None, 1)
    assert noise[6].overlap_first == pytest.approx(1)


def test_the_noise_scale_is_that_of_the_points_gradients():
    event, objective = last(spec(probes=[{"kind": "noise", "every": 1, "k": 5, "draws": 2}]), "noise")
    gradient = objective.gradient()
    assert event.gradient_norm == pytest.approx(np.linalg.norm(gradient))
    assert event.noise_scale == pytest.approx(event.covariance / (gradient @ gradient))
    assert 0 <= event.energy <= 1
    assert -1 <= event.cosine <= 1


def test_all_directions_hold_all_of_the_gradient():
    """T-B2-1, and the sizes of what is told."""
    small = {"net": {"hidden": [1], "activation": "tanh"}}  # 7 parameters
    event, _ = last(spec(probes=[{"kind": "directions", "every": 1, "k": 20}], **small), "directions")
    assert event.energy == pytest.approx(1, abs=1e-8)
    assert event.sections.shape == (7, len(event.multiples))
    assert event.changes.shape == event.predicted.shape == (7, len(event.factors))
    middle = list(event.multiples).index(0)
    assert np.ptp(event.sections[:, middle]) == 0
    assert np.square(event.gradient_alignment).sum() == pytest.approx(1)


def test_the_loss_nearby_rises_at_least_as_far_by_ascent():
    """T-F7-1 and T-F7-3."""
    probe = {"kind": "sharpness", "every": 1, "rho": 1e-3, "adaptive_rho": 1e-3}
    event, objective = last(spec(probes=[probe]), "sharpness")
    gradient = objective.gradient()
    norm = np.linalg.norm(gradient)
    bend = gradient @ objective.hvp(None, gradient) / norm**2
    assert event.sam == pytest.approx(1e-3 * norm + 0.5e-6 * bend, rel=1e-3)
    assert event.sam_ascent >= event.sam
    assert event.asam_ascent >= event.asam


def test_a_number_that_did_not_converge_is_none_and_its_slice_is_left_out(monkeypatch):
    search = curves.top_eigenpairs

    def hasty(objective, **given):
        return dataclasses.replace(search(objective, **given), residuals=np.full(given["k"], 9.0), converged=False)

    monkeypatch.setattr(curves, "top_eigenpairs", hasty)
    probes = [{"kind": "curvature", "k": 2, "granularities": []}, {"kind": "slice"}, {"kind": "noise"}]
    events = list(foldscape.run(spec(probes=probes, stop={"epochs": 1})))
    first = next(event for event in events if event.kind == "curvature")
    assert first.lambda_max is None
    assert first.residual == 9
    assert np.isnan(first.values).all()
    assert not [event for event in events if event.kind == "slice"]
    assert next(event for event in events if event.kind == "noise").energy is None


def test_a_flat_channel_is_told_beside_the_curvature():
    loop = Loop(spec())
    net = loop.subject.net
    weights, biases = [part.copy() for part in net.weights], [part.copy() for part in net.biases]
    weights[0][1], biases[0][1] = weights[0][0], biases[0][0]
    weights[1][:, 1], weights[1][:, 0] = -50, 50
    loop.subject.net = dataclasses.replace(net, weights=tuple(weights), biases=tuple(biases))
    event = curvature(loop.subject, 1, False, ())
    assert event.flat_channels[0]["units"] == [0, 1]


def test_a_snapshot_from_before_probes_were_kept_goes_on_with_those_of_the_spec():
    loop = Loop(spec(probes=[CURVATURE]))
    list(loop.events())
    taken = loop.snapshot()
    old = {name: value for name, value in taken.data.items() if name not in ("probes", "sparing")}
    again = Loop(loop.spec, Snapshot(old, taken.arrays))
    assert again.probes == loop.spec.probes
    assert again.position.sparing == 1


def test_what_is_asked_for_while_a_run_rests_is_measured_there():
    pause = {"step": 4, "command": {"kind": "pause"}}
    ask = {"step": 4, "command": {"kind": "set_probes", "probes": [{"kind": "traces"}]}}
    events = list(Loop(spec(probes=[{"kind": "frame"}], commands=[pause, ask])).events())
    assert [event.kind for event in events if event.step == 4][-2:] == ["command", "traces"]
