"""The compiled engine against the torch engine, and against itself."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from foldscape.engine.compiled import CompiledEngine
from foldscape.engine.compiled_many import ManyNets
from foldscape.engine.torch_engine import TorchEngine
from foldscape.growth.base import NewUnit, widened
from foldscape.net.mlp import initial
from foldscape.net.spec import NetSpec
from foldscape.optimizer import SGD, Adam, Momentum
from foldscape.training.carried import memory_after

OPTIMIZERS = {
    "sgd": SGD(lr=0.1),
    "momentum": Momentum(lr=0.02),
    "nesterov": Momentum(lr=0.02, nesterov=True),
    "adam": Adam(lr=0.003),
}
SHAPES = [((5, 4), 12, 2), ((3,), 10, 3), ((6, 5, 4), 50, 10)]


@pytest.fixture(autouse=True)
def one_thread():
    """Tiny tensors only lose time on several."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def case(hidden=(5, 4), classes=2, activation="relu", points=50, features=2, seed=3):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(points, features)).astype(np.float32)
    y = (x @ rng.normal(size=(features, classes))).argmax(axis=1)
    return initial(NetSpec(hidden=hidden, activation=activation), features, classes, rng), x, y


def train(engine, points, batch, steps, chunk=None, start=0):
    """Train up to a step, from a step on, at most so many updates a call."""
    epoch = -(-points // batch)
    step, shuffled = start, -1
    while step < steps:
        if shuffled != step // epoch:
            shuffled = step // epoch
            engine.begin_epoch(np.random.default_rng(shuffled).permutation(points))
        updates = min(epoch - step % epoch, steps - step, chunk or epoch)
        engine.train(step % epoch, updates)
        step += updates
    return engine


def bits(engine):
    memory = engine.memory
    return [part.tobytes() for part in (*engine.weights.flat(), *memory.first, *memory.second, *memory.age)]


def assert_close(ours, theirs, atol=1e-5):
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=atol)


@pytest.mark.parametrize("decay", [0, 0.01])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "tanh"])
def test_agrees_with_the_torch_engine(activation, optimizer, decay):
    rule = OPTIMIZERS[optimizer].model_copy(update={"weight_decay": decay})
    for hidden, batch, classes in SHAPES:
        net, x, y = case(hidden, classes, activation)
        ours, theirs = (train(kind(net, rule, x, y, batch), 50, batch, 200) for kind in (CompiledEngine, TorchEngine))
        assert_close(ours.weights.flat(), theirs.weights.flat())
        for row in ("first", "second", "age"):
            assert_close(getattr(ours.memory, row), getattr(theirs.memory, row))


@pytest.mark.parametrize(
    ("hidden", "batch", "classes", "features"),
    [((), 7, 3, 2), ((1,), 1, 2, 1), ((2, 3, 4, 5), 50, 2, 3), ((17,), 33, 4, 11), ((12,), 300, 2, 2)],
)
def test_agrees_at_any_depth_width_and_batch(hidden, batch, classes, features):
    net, x, y = case(hidden, classes, features=features, points=310)
    rule = Momentum(lr=0.02)
    ours, theirs = (train(kind(net, rule, x, y, batch), 310, batch, 100) for kind in (CompiledEngine, TorchEngine))
    assert_close(ours.weights.flat(), theirs.weights.flat())


def test_chunks_and_repeats_give_the_same_bits():
    net, x, y = case()
    whole, again, pieces = (
        train(CompiledEngine(net, Adam(lr=0.01), x, y, 12), 50, 12, 103, chunk) for chunk in (None, None, 2)
    )
    assert bits(whole) == bits(again) == bits(pieces)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_goes_on_from_weights_and_memory_with_the_same_bits(optimizer):
    net, x, y = case()
    rule = OPTIMIZERS[optimizer]
    first = train(CompiledEngine(net, rule, x, y, 12), 50, 12, 42)
    second = CompiledEngine(net, rule, x, y, 12)
    second.load(first.weights, first.memory)
    assert bits(train(first, 50, 12, 90, start=42)) == bits(train(second, 50, 12, 90, start=42))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_grows_in_the_middle_of_an_epoch(optimizer):
    net, x, y = case()
    rule = OPTIMIZERS[optimizer]
    grown = []
    for kind in (CompiledEngine, TorchEngine):
        engine = train(kind(net, rule, x, y, 12), 50, 12, 42)
        before = engine.weights
        change = widened(before, 0, NewUnit(np.array([0.5, -1.0]), 0.1, np.zeros(4), 0.0, {}))
        engine.load(change.net, memory_after(engine.memory, before, change))
        engine.train(2, 3)
        grown.append(train(engine, 50, 12, 145, start=45))
    assert_close(grown[0].weights.flat(), grown[1].weights.flat())
    assert_close(grown[0].memory.age, grown[1].memory.age, atol=0)
    if optimizer == "adam":
        assert {part.min() for part in grown[0].memory.age[:3]} == {103}
        assert {part.max() for part in grown[0].memory.age} == {145}


def test_adam_goes_on_beyond_its_table_of_corrections():
    net, x, y = case((2,))
    rule = Adam(lr=1e-4, beta2=0.99999)
    engines = [kind(net, rule, x, y, 50) for kind in (CompiledEngine, TorchEngine)]
    for engine in engines:
        blank = engine.memory
        aged = [tuple(np.full_like(part, value) for part in blank.age) for value in (0.001, 1e-4, 70_000)]
        engine.load(net, type(blank)(*aged))
        train(engine, 50, 50, 20)
    assert_close(*(engine.weights.flat() for engine in engines), atol=1e-6)


def test_a_rate_said_between_calls_takes_effect():
    net, x, y = case()
    engine = CompiledEngine(net, SGD(lr=0.1), x, y, 12)
    engine.lr = engine.weight_decay = 0.0
    train(engine, 50, 12, 5)
    assert_close(engine.weights.flat(), net.flat(), atol=0)
    engine.weight_decay, engine.lr = 0.5, 0.1
    train(engine, 50, 12, 5)
    assert np.abs(engine.weights.weights[0] - net.weights[0]).max() > 1e-3


def test_a_unit_with_zero_incoming_weights_learns():
    net, x, y = case((2,))
    net = net.with_unit(0, np.zeros(2), 0.0, np.array([0.3, -0.2]))
    engine = train(CompiledEngine(net, SGD(lr=0.1), x, y, 50), 50, 50, 1)
    assert np.abs(engine.weights.weights[0][-1]).max() > 0


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
@pytest.mark.parametrize("rule", [SGD(lr=100), Momentum(lr=100)], ids=["sgd", "momentum"])
def test_a_blow_up_shows_in_the_weights(rule, activation):
    net, x, y = case((5, 4), activation=activation)
    engine = train(CompiledEngine(net.astype(np.float32), rule, 1e12 * x, y, 12), 50, 12, 50)
    assert not engine.weights.is_finite()


def test_a_copy_stays_as_it_was():
    net, x, y = case()
    engine = CompiledEngine(net, Adam(lr=0.01), x, y, 12)
    weights, memory = engine.weights, engine.memory
    train(engine, 50, 12, 5)
    assert_close(weights.flat(), net.flat(), atol=0)
    assert max(part.max() for part in memory.age) == 0


def test_four_threads_train_at_once_with_the_same_bits():
    net, x, y = case()

    def run(_):
        return bits(train(CompiledEngine(net, Adam(lr=0.01), x, y, 12), 50, 12, 500))

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(run, range(4)))
    assert runs == [run(0)] * 4


def test_other_threads_go_on_while_it_trains():
    net, x, y = case((64, 64), points=20_000)
    engine = CompiledEngine(net, SGD(lr=0.1), x, y, 10)
    engine.begin_epoch(np.arange(20_000))
    done: list[float] = []

    def long():
        engine.train(0, 2000)
        done.append(time.perf_counter())

    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(long)
        ticks = 0
        while not future.done():
            ticks += 1
            time.sleep(0.001)
    assert ticks > 5


def test_many_nets_train_as_each_would_alone():
    nets = [case((3,), seed=seed)[0] for seed in range(7)]
    _, x, y = case()
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(50), (7, 1)), axis=1)
    for threads in (1, 3):
        many = ManyNets(nets, Adam(lr=0.01), x, y, 12, threads)
        many.train_epoch(orders)
        many.load(many.weights, many.memories)
        many.train_epoch(orders[0])
        for net, order, trained, memory in zip(nets, orders, many.weights, many.memories, strict=True):
            alone = CompiledEngine(net, Adam(lr=0.01), x, y, 12)
            for each in (order, orders[0]):
                alone.begin_epoch(each)
                alone.train(0, 5)
            assert_close(trained.flat(), alone.weights.flat(), atol=0)
            assert_close(memory.second, alone.memory.second, atol=0)


def test_several_epochs_in_one_call_are_those_epochs_one_by_one():
    nets = [case((3,), seed=seed)[0] for seed in range(3)]
    _, x, y = case()
    orders = np.random.default_rng(0).permuted(np.tile(np.arange(50), (3, 4, 1)), axis=2)
    for given in (orders, orders[:1], orders[:, :1]):
        whole, parted = (ManyNets(nets, Adam(lr=0.01), x, y, 12, threads=2) for _ in range(2))
        whole.train_epochs(given)
        for epoch in range(given.shape[1]):
            parted.train_epoch(given[:, epoch])
        for one, other in zip(whole.weights, parted.weights, strict=True):
            assert_close(one.flat(), other.flat(), atol=0)


def test_many_nets_share_one_shape():
    _, x, y = case()
    with pytest.raises(ValueError, match=r"hidden layers \(3,\) and relu"):
        ManyNets([case((3,))[0], case((4,))[0]], SGD(), x, y, 12)
