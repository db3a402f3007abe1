"""The story that the first page tells: one, two, three folds close a curve of six corners around the inner disc."""

import numpy as np
import pytest

import foldscape

GROWTH = {
    "rule": {"kind": "folding"},
    "schedule": {"kind": "periodic", "start": 120, "every": 120, "births": 2},
}


@pytest.mark.parametrize("seed", range(6))
def test_three_folds_close_the_boundary_with_six_corners(seed):
    spec = foldscape.RunSpec.model_validate(
        {
            "data": {"kind": "rings"},
            "seed": seed,
            "growth": GROWTH,
            "stop": {"epochs": 400},
            "probes": [{"kind": "frame", "every": 120}],
        }
    )
    accuracy, at_births = np.nan, []
    for event in foldscape.run(spec):
        if event.kind == "metrics":
            accuracy = float(event.values[2])
        elif event.kind == "grown":
            at_births.append(accuracy)
            assert event.kept == 0
        elif event.kind == "frame":
            frame = event
    one_fold, two_folds = at_births
    assert 0.64 <= one_fold <= 0.78
    assert 0.84 <= two_folds <= 0.94
    assert accuracy >= 0.997
    assert len(frame.fold_points) == 6
    corners_of_each = np.bincount(frame.fold_point_unit[:, 1], minlength=3)
    assert corners_of_each.tolist() == [2, 2, 2]
