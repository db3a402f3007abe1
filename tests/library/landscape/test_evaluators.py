"""Losses and accuracies over a plane against plain float64 passes."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from foldscape.curvature import Objective
from foldscape.curvature.stack import dense_stack
from foldscape.errors import InvalidInput
from foldscape.landscape.batched import BatchedEvaluator
from foldscape.landscape.dense import DenseEvaluator, warm
from foldscape.landscape.evaluator import Evaluator
from foldscape.landscape.kernels import plane_sums
from foldscape.landscape.module import ModuleEvaluator
from foldscape.net.kernels import loss_and_gradient


def drawn(sizes, samples, seed=0):
    rng = np.random.default_rng(seed)
    weights = [rng.normal(size=(o, i)) / np.sqrt(i) for i, o in itertools.pairwise(sizes)]
    biases = [0.3 * rng.normal(size=o) for o in sizes[1:]]
    return weights, biases, rng.normal(size=(samples, sizes[0])), rng.integers(0, sizes[-1], samples)


def by_hand(theta, blocks, activation, x, y):
    h = x.astype(np.float32).astype(float)
    tensors = [theta[block.span].reshape(block.shape) for block in blocks]
    bend = {"relu": lambda z: np.maximum(z, 0), "leaky_relu": lambda z: np.where(z > 0, z, 0.2 * z), "tanh": np.tanh}
    for layer, (w, b) in enumerate(zip(tensors[::2], tensors[1::2], strict=True)):
        h = h @ w.T + b
        if layer < len(tensors) // 2 - 1:
            h = bend[activation](h)
    top = h.max(1)
    losses = np.log(np.exp(h - top[:, None]).sum(1)) + top - h[np.arange(len(y)), y]
    return losses.mean(), (h.argmax(1) == y).mean()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
@pytest.mark.parametrize("sizes", [(3, 2), (2, 5, 3), (7, 9, 4, 11, 5)])
def test_compiled_losses_are_those_of_a_plain_pass_in_double_precision(sizes, activation):
    weights, biases, x, y = drawn(sizes, 300)
    net = DenseEvaluator(weights, biases, activation, x, y, negative_slope=0.2)
    rng = np.random.default_rng(1)
    first, second = rng.normal(size=(2, net.size))
    a, b = rng.uniform(-1, 1, (2, 9))
    found = net.on_plane(a, b, first, second)
    exact = [
        by_hand(net.theta + i * first + j * second, net.blocks, activation, x, y) for i, j in zip(a, b, strict=True)
    ]
    np.testing.assert_allclose(found.loss, [loss for loss, _ in exact], rtol=3e-6)
    np.testing.assert_array_equal(found.accuracy, [right for _, right in exact])


def test_a_tiny_loss_keeps_its_digits():
    weights, biases, x, y = drawn((2, 4, 3), 50)
    best = DenseEvaluator(weights, biases, "relu", x, y)
    hidden = np.maximum(x.astype(np.float32) @ weights[0].T + biases[0], 0)
    labels = (hidden @ weights[1].T + biases[1]).argmax(1)
    grown = 200.0
    sure = DenseEvaluator([weights[0], grown * weights[1]], [biases[0], grown * biases[1]], "relu", x, labels)
    exact, _ = by_hand(sure.theta, sure.blocks, "relu", x, labels)
    assert 0 < exact < best.at(best.theta).loss[0]
    np.testing.assert_allclose(sure.at(sure.theta).loss, exact, rtol=1e-3)


def test_values_do_not_depend_on_threads_or_on_the_other_points():
    weights, biases, x, y = drawn((4, 8, 3), 1000)
    one, two = (DenseEvaluator(weights, biases, "relu", x, y, threads=threads) for threads in (1, 2))
    first, second = np.random.default_rng(2).normal(size=(2, one.size))
    a, b = np.random.default_rng(3).uniform(-1, 1, (2, 30))
    whole, part = two.on_plane(a, b, first, second), one.on_plane(a[11:17], b[11:17], first, second)
    np.testing.assert_array_equal(part.loss, whole.loss[11:17])
    np.testing.assert_array_equal(part.accuracy, whole.accuracy[11:17])


def test_the_centre_is_the_loss_itself_and_the_net_stays_as_it_was(moons, moons_net):
    """T-F1-3: the surface's centre equals L(theta*) exactly; parameters stay the same bit for bit."""
    x, y = moons
    before = {name: tensor.clone() for name, tensor in moons_net.state_dict().items()}
    for net in (Evaluator.of(moons_net, x, y), Evaluator.of_module(moons_net, x, y)):
        first, second = np.random.default_rng(0).normal(size=(2, net.size))
        centre = net.on_plane([0.5, 0.0, -1.0], [0.0, 0.0, 1.0], first, second)
        assert centre.loss[1] == net.at(net.theta).loss[0]
        assert centre.loss[1] == pytest.approx(Objective.of(moons_net, x, y).loss(), rel=3e-6)
    with torch.no_grad():
        exact = nn.functional.cross_entropy(moons_net(torch.as_tensor(x)), torch.as_tensor(y))
    assert Evaluator.of_module(moons_net, x, y).at(net.theta).loss[0] == float(exact)
    assert all(torch.equal(tensor, before[name]) for name, tensor in moons_net.state_dict().items())
    assert moons_net.training


def test_a_plain_stack_is_compiled_and_agrees_with_torch(moons, moons_net):
    compiled, general = Evaluator.of(moons_net, *moons), Evaluator.of_module(moons_net, *moons)
    assert isinstance(compiled, DenseEvaluator)
    assert compiled.blocks == general.blocks
    direction = np.random.default_rng(5).normal(size=compiled.size)
    t = np.linspace(-1, 1, 11)
    one, other = compiled.on_line(t, direction), general.on_line(t, direction)
    np.testing.assert_allclose(one.loss, other.loss, rtol=2e-5)
    np.testing.assert_allclose(one.accuracy, other.accuracy, atol=1 / len(moons[0]))


def test_convolutions_with_batch_norm_are_measured_in_evaluation_mode_in_chunks(digits):
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(), nn.Linear(144, 10)
    )
    x, y = torch.tensor(digits[0][:100].reshape(-1, 1, 8, 8)), torch.tensor(digits[1][:100])
    net(x)
    before = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    found = ModuleEvaluator(net, x, y, chunk=30)
    direction = np.random.default_rng(0).normal(size=found.size) * 0.01
    values = found.on_line([0.0, 1.0], direction)
    assert all(torch.equal(tensor, before[name]) for name, tensor in net.state_dict().items())
    assert all(part.training for part in net.modules())
    net.eval()
    with torch.no_grad():
        nn.utils.vector_to_parameters(torch.tensor(found.theta + direction).float(), net.parameters())
        moved = float(nn.functional.cross_entropy(net(x), y))
    assert values.loss[1] == pytest.approx(moved, rel=1e-5)


def test_points_that_are_not_finite_are_marked():
    weights, biases, x, y = drawn((2, 4, 2), 40)
    net = DenseEvaluator(weights, biases, "relu", x, y)
    direction = np.ones(net.size)
    found = net.on_line([0.0, 1e30, 1.0], direction)
    assert np.isfinite(found.loss).tolist() == [True, False, True]
    assert np.isnan(found.accuracy[1])
    broken = net.theta.copy()
    broken[-1] = np.nan
    assert not np.isfinite(net.at(broken).loss[0])


def test_data_and_layers_that_do_not_fit_are_refused():
    weights, biases, x, y = drawn((2, 4, 2), 10)
    with pytest.raises(InvalidInput, match="do not chain"):
        DenseEvaluator(weights, biases, "relu", x[:, :1], y)
    with pytest.raises(InvalidInput, match="labels run"):
        DenseEvaluator(weights, biases, "relu", x, y + 1)
    with pytest.raises(InvalidInput, match="not compiled"):
        DenseEvaluator(weights, biases, "gelu", x, y)
    with pytest.raises(InvalidInput, match="does not fit"):
        DenseEvaluator(weights, biases, "relu", x, y).at(np.zeros(3))


@pytest.mark.parametrize("bend", [nn.ReLU, nn.Tanh, lambda: nn.LeakyReLU(0.3)])
def test_stacks_in_double_precision_are_batched_and_agree(moons, bend):
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(2, 9), bend(), nn.Linear(9, 7), bend(), nn.Linear(7, 2)).double()
    x, y = moons[0].astype(np.float64), moons[1]
    batched, general = Evaluator.of(net, x, y), Evaluator.of_module(net, x, y)
    assert isinstance(batched, BatchedEvaluator)
    first, second = np.random.default_rng(2).normal(size=(2, batched.size))
    a, b = np.random.default_rng(3).uniform(-1, 1, (2, 300))
    found, exact = batched.on_plane(a, b, first, second), general.on_plane(a, b, first, second)
    np.testing.assert_allclose(found.loss, exact.loss, rtol=1e-12)
    np.testing.assert_array_equal(found.accuracy, exact.accuracy)
    np.testing.assert_allclose(batched.on_line(a, first).loss, general.on_line(a, first).loss, rtol=1e-12)
    assert batched.at(batched.theta).loss[0] == pytest.approx(general.at(general.theta).loss[0], rel=1e-14)


class Chain(nn.Module):
    """A net as people write them: a class with a forward of its own."""

    def __init__(self, bend, back=False):
        super().__init__()
        layers = {"first": nn.Linear(64, 12), "inner": nn.Linear(12, 12), "last": nn.Linear(12, 10)}
        for name in reversed(layers) if back else layers:
            setattr(self, name, layers[name])
        self.drop, self.bend = nn.Dropout(), bend

    def forward(self, x):
        x = self.bend(self.first(x.flatten(1)))
        return self.last(self.drop(self.bend(self.inner(x))))


class Skipping(Chain):
    def forward(self, x):
        x = self.bend(self.first(x.flatten(1)))
        return self.last(x + self.bend(self.inner(x)))


@pytest.mark.parametrize("bend", [torch.relu, nn.functional.relu, torch.tanh, nn.Tanh(), lambda z: z.relu()])
def test_a_chain_of_layers_is_recognised_by_what_its_forward_does(digits, bend):
    torch.manual_seed(0)
    net, (x, y) = Chain(bend), digits
    images = torch.tensor(x[:300]).reshape(-1, 8, 8)
    compiled, general = Evaluator.of(net, images, y[:300]), Evaluator.of_module(net, images, y[:300])
    assert isinstance(compiled, DenseEvaluator)
    assert compiled.blocks == general.blocks
    assert net.training
    direction = np.random.default_rng(0).normal(size=compiled.size) / 10
    found, exact = (one.on_line([-1.0, 0.0, 1.0], direction).loss for one in (compiled, general))
    np.testing.assert_allclose(found, exact, rtol=1e-5)
    assert isinstance(Evaluator.of(net.double(), images, y[:300]), BatchedEvaluator)


@pytest.mark.parametrize("net", [Skipping(torch.relu), Chain(torch.sigmoid), Chain(torch.relu, back=True)])
def test_what_is_no_chain_goes_point_by_point(digits, net):
    assert type(Evaluator.of(net, digits[0][:20], digits[1][:20])) is ModuleEvaluator


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_squared_errors_over_a_plane_are_those_of_the_objective(activation):
    weights, biases, x, y = drawn((3, 7, 5, 4), 1100)
    x = x.astype(np.float32)
    evaluator = Evaluator.of_net(weights, biases, activation, x, y, negative_slope=0.2, loss="mse")
    slope = {"negative_slope": 0.2} if activation == "leaky_relu" else {}
    exact = Objective.of_mlp(weights, biases, activation, x, y, loss="mse", **slope)
    first, second = np.random.default_rng(2).normal(size=(2, evaluator.size))
    a, b = np.random.default_rng(3).uniform(-1, 1, (2, 30))
    found = evaluator.on_plane(a, b, first, second)
    thetas = exact.theta + np.outer(a, first) + np.outer(b, second)
    np.testing.assert_allclose(found.loss, exact.losses(thetas), rtol=1e-5)
    batch = np.arange(50)
    own = Objective.of_mlp(weights, biases, activation, x[batch], y[batch], loss="mse", **slope).gradient(thetas[0])
    np.testing.assert_allclose(evaluator.gradient(thetas[0], batch), own, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_the_first_of_equal_outputs_is_the_answer(loss):
    """As for every other evaluator: a net of zeros says class 0 of all."""
    *_, x, y = drawn((3, 5, 4), 80)
    stack = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 4)).double()
    batched = BatchedEvaluator(stack, dense_stack(stack, x), x, y, loss=loss)
    found = batched.at(np.zeros(batched.size))
    assert found.accuracy[0] == (y == 0).mean()
    assert found.loss[0] == pytest.approx({"cross_entropy": np.log(4), "mse": 0.5}[loss])


def test_a_stack_without_biases_goes_point_by_point(moons):
    net = nn.Sequential(nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 2))
    assert type(Evaluator.of(net, *moons)) is ModuleEvaluator


def test_one_compilation_serves_every_net():
    warm()
    kernels = (plane_sums, loss_and_gradient)
    before = [len(kernel.signatures) for kernel in kernels]
    for sizes in ((3, 2), (2, 6, 5, 4)):
        weights, biases, x, y = drawn(sizes, 40)
        net = DenseEvaluator(weights, biases, "tanh", x, y)
        net.on_plane([0.1], [0.2], net.theta, net.theta)
        net.gradient(net.theta, np.arange(7))
    assert [len(kernel.signatures) for kernel in kernels] == before
