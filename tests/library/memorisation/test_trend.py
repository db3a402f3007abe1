"""T-B4-6: the more labels are random, the nearer the points lie to another answer; accuracy peaks before the end."""

import itertools

import pytest

import foldscape

BASE = {
    "data": {"kind": "digits"}, "net": {"hidden": [256, 256]}, "batch": 32, "seed": 0, "stop": {"epochs": 120},
    "optimizer": {"kind": "momentum", "lr": 0.05, "momentum": 0.9}, "probes": [],
}  # fmt: skip


@pytest.mark.slow
def test_critical_samples_rise_with_label_noise_and_accuracy_peaks_before_the_labels_are_fitted():
    """T-B4-6."""
    vary = {"noise": {str(share): {"corrupt.labels": share} for share in (0.0, 0.2, 0.5, 1.0)}}
    measure = {"flatness": [], "every": 10, "probes": [{"kind": "memorisation"}]}
    given = {"base": BASE, "vary": vary, "seeds": [0], "measure": measure, "primary": {"measure": "csr"}}
    rows = foldscape.sweep.run(given).rows
    ratios = [row.curve.last("csr") for row in rows]
    assert all(more - less >= 0.03 for less, more in itertools.pairwise(ratios))
    accuracy = rows[2].curve.columns["test_accuracy"]
    assert max(accuracy) - accuracy[-1] >= 0.1
