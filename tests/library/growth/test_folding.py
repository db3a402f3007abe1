"""The folding rule (science E4): what holds for every unit that it proposes."""

import numpy as np
import pytest

from foldscape.growth.folding import Folding
from tests.library.growth.folded import every_case, trained

CRITERIA = ["newton", "gradmax", "align", "mix"]
KEYS = {
    "instance", "point", "class", "predicted", "loss", "cluster_size", "cluster_loss", "cluster", "fold_point",
    "fold_point_method", "author_point", "on_segment", "segment", "direction", "criterion", "gain", "dial",
}  # fmt: skip


def proposed(net, scene, seed=0, **options):
    return Folding(**options).propose(net, scene, np.random.default_rng(seed))


def layers(net):
    return range(len(net.hidden))


@every_case
@pytest.mark.parametrize("criterion", CRITERIA)
def test_T_E4_1_the_function_is_kept_exactly(case, criterion):
    net, scene = trained(*case)
    for layer in layers(net):
        change = Folding(criterion=criterion, layer=layer).change(net, scene, np.random.default_rng(0))
        assert np.array_equal(change.net.logits(scene.x), net.logits(scene.x))


@every_case
@pytest.mark.parametrize("criterion", CRITERIA)
def test_T_E4_2_the_fold_runs_through_the_fold_point_and_the_mistake_wakes_the_unit(case, criterion):
    net, scene = trained(*case)
    for layer in layers(net):
        unit = proposed(net, scene, criterion=criterion, layer=layer)
        told = unit.explanation
        at = net.layer_inputs(np.array([told["fold_point"], told["point"]], np.float64), layer)
        size = np.linalg.norm(unit.incoming)
        assert size == pytest.approx(net.mean_row_norm(layer), rel=1e-12)
        assert abs(unit.incoming @ at[0] + unit.bias) <= 1e-12 * size * max(1, np.linalg.norm(at[0]))
        way = at[1] - at[0]
        assert unit.incoming @ way >= 0.0999999 * size * np.linalg.norm(way) > 0
