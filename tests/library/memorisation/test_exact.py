"""On the plane the exact critical region is known: a search finds some of it, and never more."""

import numpy as np
import pytest

import foldscape
from foldscape.data.plane import Moons, TwoSpirals
from foldscape.geometry import critical_region
from foldscape.memorisation import critical_points
from foldscape.net.mlp import Weights
from tests.library.geometry.drawn import net, points


@pytest.mark.parametrize("seed", range(12))
def test_lass_finds_no_more_than_there_is_and_its_witnesses_lie_across_the_boundary(seed):
    rng = np.random.default_rng(seed)
    sizes = [2, *rng.integers(2, 12, rng.integers(0, 3)).tolist(), int(rng.integers(2, 5))]
    weights, biases = net(sizes, seed=seed)
    of = Weights(*(tuple(part.astype(np.float32) for part in parts) for parts in (weights, biases)))
    x, r = points(150, seed=seed).astype(np.float32), float(rng.uniform(0.02, 0.6))
    exact = critical_region(of, x, r)
    found = critical_points(of, x, r, rng=seed)
    near = exact.distance <= r * (1 + 1e-5)  # the search computes in single precision
    assert (found.critical <= near).all()
    assert found.ratio <= near.mean()


@pytest.mark.parametrize("data", [Moons(n=80), TwoSpirals(n=80)], ids=["moons", "spirals"])
def test_a_run_tells_the_exact_ratio_and_what_lass_finds_of_it(data):
    probe = {"kind": "critical_region", "every": 4, "radius": 0.15}
    spec = foldscape.RunSpec.model_validate(
        {
            "data": data.model_dump(),
            "net": {"hidden": [8]},
            "stop": {"epochs": 12},
            "probes": [{"kind": "frame", "every": 4}, probe, probe | {"part": "test", "radius": 0.05}],
        }
    )
    events = list(foldscape.run(spec))
    frames = {event.step: event for event in events if event.kind == "frame"}
    told = [event for event in events if event.kind == "critical_region"]
    assert {event.part for event in told} == {"train", "test"}
    split = spec.load()
    for event in told:
        frame, x = frames[event.step], getattr(split, f"{event.part}_x")
        exact = critical_region(Weights(frame.weights, frame.biases), x, event.radius)
        assert (event.points, event.critical) == (len(x), exact.critical.sum())
        assert event.csr_exact == exact.ratio
        assert 0 <= event.found <= event.critical
        assert event.lass_recall == (event.found / event.critical if event.critical else None)
    assert sum(event.found for event in told) > 0.8 * sum(event.critical for event in told) > 0


@pytest.mark.parametrize(
    "fields",
    [
        {"data": {"kind": "digits"}},
        {"net": {"activation": "tanh"}},
        {"data": {"kind": "moons", "test_share": 0}},
    ],
)
def test_where_nothing_is_known_exactly_nothing_is_told(fields):
    probe = {"kind": "critical_region", "part": "test"}
    spec = foldscape.RunSpec.model_validate({"stop": {"epochs": 1}, "probes": [probe]} | fields)
    assert not [event for event in foldscape.run(spec) if event.kind == "critical_region"]
