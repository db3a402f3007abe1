"""GradMax (science E7) for one unit."""

import numpy as np
import pytest

from foldscape.growth.gradmax import GradMax
from foldscape.net.mlp import backward, initial
from foldscape.net.spec import NetSpec


@pytest.fixture(params=["relu", "leaky_relu", "tanh"])
def case(request):
    rng = np.random.default_rng(5)
    net = initial(NetSpec(hidden=(6, 5), activation=request.param, output_scale=1), 2, 3, rng).astype(np.float64)
    return net, rng.normal(size=(80, 2)), rng.integers(0, 3, 80)


@pytest.mark.parametrize("layer", [0, 1])
def test_T_E7_1_gradient_of_the_new_unit_has_the_predicted_norm(case, layer):
    net, x, y = case
    unit = GradMax(layer=layer).propose(net, x, y, np.random.default_rng(0))
    grown = net.with_unit(layer, unit.incoming, unit.bias, unit.outgoing)
    gradient = backward(grown, x, y).weight_gradients[layer][-1]
    assert np.linalg.norm(gradient) == pytest.approx(unit.score, abs=1e-10)


@pytest.mark.parametrize("layer", [0, 1])
def test_T_E7_2_and_3_outgoing_gradient_is_zero_and_the_function_is_kept(case, layer):
    net, x, y = case
    unit = GradMax(layer=layer).propose(net, x, y, np.random.default_rng(0))
    grown = net.with_unit(layer, unit.incoming, unit.bias, unit.outgoing)
    assert np.abs(backward(grown, x, y).weight_gradients[layer + 1][:, -1]).max() == 0
    np.testing.assert_allclose(grown.logits(x), net.logits(x), rtol=0, atol=1e-15)


@pytest.mark.parametrize("layer", [0, 1])
def test_T_E7_4_no_random_direction_of_the_same_norm_is_steeper(case, layer):
    net, x, y = case
    unit = GradMax(layer=layer).propose(net, x, y, np.random.default_rng(0))
    rng = np.random.default_rng(1)
    for _ in range(1000):
        outgoing = rng.normal(size=len(unit.outgoing))
        outgoing *= np.linalg.norm(unit.outgoing) / np.linalg.norm(outgoing)
        grown = net.with_unit(layer, unit.incoming, 0.0, outgoing)
        assert np.linalg.norm(backward(grown, x, y).weight_gradients[layer][-1]) <= unit.score + 1e-12
