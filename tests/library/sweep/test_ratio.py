"""Learning rate by batch size on digits in its reduced form: trends with their margins (arXiv 1711.04623)."""

import numpy as np
import pytest

from foldscape.comparison import common_target, value_at
from foldscape.comparison.rank import rank_correlation
from foldscape.sweep import run
from foldscape.sweep.presets import spec_of
from foldscape.sweep.published import by_axes

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def settings():
    """Three seeds of the preset: by setting (rate, batch) its curves."""
    spec = spec_of("ratio-digits").model_copy(update={"seeds": (0, 1, 2)})
    found = {}
    for curve in by_axes(spec, run(spec).rows):
        rate, batch = map(float, curve.settings["setting"].split(","))
        found.setdefault((rate, batch), []).append(curve)
    assert {len(curves) for curves in found.values()} == {3}
    return found


@pytest.fixture(scope="module")
def at_loss(settings):
    """A measure of each setting at the training loss that all runs reach: mean over seeds."""
    target = common_target([curve for curves in settings.values() for curve in curves], "loss")
    assert 0.04 < target <= 0.05

    def read(measure):
        return {
            setting: np.array([value_at(curve, "loss", target, measure)[0] for curve in curves])
            for setting, curves in settings.items()
        }

    return read


def test_a_larger_ratio_ends_flatter(at_loss):
    """T-B1-7: Spearman over ten settings at most -0.8, and 0.7 between batches of 10 and of 100."""
    sharpest = at_loss("lambda_none")
    assert len(sharpest) == 10
    runs = [dict(enumerate(values)) for values in sharpest.values()]
    assert rank_correlation([rate / batch for rate, batch in sharpest], runs).rho.value <= -0.8
    assert np.median(sharpest[0.1, 10] / sharpest[0.1, 100]) <= 0.7


def test_the_epochs_to_a_training_loss_follow_from_the_ratio(at_loss, settings):
    """T-B1-8: within a ratio they agree to within a factor of 1.3."""
    epochs = at_loss("epoch")
    for ratio, least in ((0.01, 3), (0.005, 4)):
        within = [values.mean() for (rate, batch), values in epochs.items() if abs(rate / batch / ratio - 1) < 1e-9]
        assert len(within) == least
        assert max(within) / min(within) <= 1.3
    ends = {setting: {curve["epoch"][-1] for curve in curves} for setting, curves in settings.items()}
    assert max(ends[0.1, 10]) < min(ends[0.1, 50]) < min(ends[0.1, 100]) < 300
