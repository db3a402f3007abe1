"""A module of one's own in a run: it trains as torch does, draws by the seed, and goes on with the same bits."""

import sys
import threading

import numpy as np
import pytest
import torch
from torch import nn

import foldscape
from foldscape.errors import FieldRefused, InvalidInput, NotPossible, OutOfMemory
from foldscape.events import NetMade, Unmeasured
from foldscape.hosting import Allowed, allowed_here, confined
from foldscape.net.own.counting import multiplications_of
from foldscape.net.own.factory import FactoryRefused, factory_of
from foldscape.spec import RunSpec
from foldscape.start import NoStart, StartNet
from foldscape.training import Loop, Snapshot
from foldscape.wire import pack_event, unpack_event
from tests.library.own import nets

HERE = "tests.library.own.nets"


def spec_of(name="mlp", options=None, **changes):
    net = {"wiring": "module", "factory": f"{HERE}:{name}", "options": options or {}}
    plain = {"data": {"kind": "moons", "n": 60}, "net": net, "batch": 15, "stop": {"epochs": 3}, "probes": []}
    return RunSpec.model_validate(plain | {"optimizer": {"kind": "momentum", "lr": 0.05}} | changes)


def digits(name, options=None, **changes):
    return spec_of(name, options, **{"data": {"kind": "digits"}, "batch": 200, "stop": {"epochs": 1}} | changes)


def bits(events):
    return [pack_event(event) for event in events]


def state_bits(loop):
    packed = loop.snapshot().pack()
    return packed.head, packed.body


def stopping_at(step):
    return {"commands": [{"step": step, "command": {"kind": "pause"}}]}


# -- it trains as torch does ------------------------------------------------------------------------------------------


def test_it_trains_as_torch_does():
    """T-H9-1. The same updates by ``torch.optim.SGD`` end at the same weights."""
    spec = spec_of(stop={"epochs": 5})
    loop = Loop(spec)
    module, split = loop.subject.net.module().train(), spec.load()
    optimizer = torch.optim.SGD(module.parameters(), lr=0.05, momentum=0.9)
    list(loop.events())
    from foldscape.shuffling import order_of

    for epoch in range(5):
        order = order_of("epoch", spec.seed, epoch, len(split.train_x))
        for batch in np.split(order, 3):
            optimizer.zero_grad()
            x, y = torch.from_numpy(split.train_x[batch]), torch.from_numpy(split.train_y[batch])
            nn.functional.cross_entropy(module(x), y).backward()
            optimizer.step()
    for mine, its in zip(loop.subject.net.arrays, module.parameters(), strict=True):
        np.testing.assert_allclose(mine, its.detach().numpy(), atol=1e-5)


def test_it_is_a_chain_of_layers_where_it_is_one():
    """T-H9-1. The scores, gradient, curvature and landscape of a module are those of the same chain of layers."""
    net = Loop(spec_of()).subject.net
    from foldscape.net.mlp import Weights
    from foldscape.net.passes import scores

    chain = Weights(net.arrays[::2], net.arrays[1::2])
    x, y = spec_of().load().train_x, spec_of().load().train_y
    mine, its = (scores(one, np.ascontiguousarray(x.T, np.float64), y, "cross_entropy") for one in (net, chain))
    assert mine.loss == pytest.approx(its.loss, rel=1e-6)
    np.testing.assert_allclose(mine.gradient, its.gradient, atol=1e-6)
    np.testing.assert_allclose(net.logits(x), chain.logits(x), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(net.representation(x), chain.representation(x), rtol=1e-5, atol=1e-6)
    vector = np.random.default_rng(0).normal(size=net.parameters)
    mine, its = (one.astype(np.float64).objective(x, y) for one in (net, chain))
    np.testing.assert_allclose(mine.hvp(None, vector[None]), its.hvp(None, vector[None]), atol=1e-8)
    assert net.evaluator(x, y).at(net.vector()).loss[0] == pytest.approx(
        chain.evaluator(x, y).at(chain.vector()).loss[0]
    )
    assert net.flops_per_sample == chain.flops_per_sample - 6 * sum(len(bias) for bias in chain.biases)


def test_what_is_not_known_before_is_told_at_the_beginning():
    spec = spec_of("busy")
    assert spec.net.parameters_on((2,), 2) is None
    told = next(iter(Loop(spec).events()))
    assert isinstance(told, NetMade)
    assert told.names == [
        "idle", "scale", "first.weight", "first.bias", "norm.weight", "norm.bias", "again.weight", "again.bias",
        "shared.bias", "last.weight", "last.bias",
    ]  # fmt: skip
    assert told.untrained[:2] == ["fixed.weight", "fixed.bias"]
    assert set(told.untrained[2:]) == {
        "seen", "mask", "sums", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"
    }  # fmt: skip
    assert told.parameters == sum(int(np.prod(shape)) for shape in told.shapes)
    assert told.multiplications == 2 * 6 + 3 * 36 + 6 * 2
    assert unpack_event(*pack_event(told)) == told


def test_compute_that_cannot_be_counted_is_not_told():
    """T-H9-6. A weight that takes part in something that is not counted leaves the whole unknown."""

    def multiplied(module):
        return multiplications_of(module, torch.ones(2, 4))

    class ByHand(nn.Linear):
        def forward(self, x):
            return (x[:, None] * self.weight).sum(2) + self.bias

    assert multiplied(nn.Linear(4, 3)) == 12
    assert multiplied(nn.Sequential(nn.Linear(4, 3), nn.LayerNorm(3), nn.Linear(3, 2))) == 18
    assert multiplied(ByHand(4, 3)) is None
    assert multiplied(nn.Sequential(nn.Linear(4, 3), ByHand(3, 2))) is None


# -- bits -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mlp", "busy", "residual"])
def test_a_run_goes_on_from_a_snapshot_with_the_same_bits(name):
    """T-H9-2. All events behind it are those of a run that was never taken down."""
    spec = spec_of(name)
    whole = Loop(spec)
    told = bits(whole.events())
    for step in (3, 7):
        first = Loop(spec_of(name, **stopping_at(step)))
        before = bits(first.events())
        taken = Snapshot.unpack(*first.snapshot().pack())
        assert taken.step == step
        after = Loop(spec, start=taken)
        from foldscape.training.state import RunState

        assert isinstance(after._run.state, RunState)
        after._run.change(paused=False)
        rest = bits(after.events())
        assert rest == told[-len(rest) :]
        assert state_bits(after)[1] == state_bits(whole)[1]
        assert len(before) > 0


def test_what_an_update_draws_follows_from_seed_and_step_alone():
    """T-H9-3. What the caller draws from the shared generators is its own, too."""
    loop, other = Loop(spec_of("busy")), Loop(spec_of("busy", seed=8))
    torch.manual_seed(1)
    one = bits(loop.events())
    drawn = torch.rand(1)
    torch.manual_seed(2)
    assert bits(Loop(spec_of("busy")).events()) == one
    assert bits(other.events()) != one
    torch.manual_seed(1)
    assert torch.rand(1) == drawn  # what the caller draws is as it would have been without the run


def test_runs_in_threads_of_one_process_do_not_disturb_each_other():
    """T-H9-3. Three runs at once tell what each tells alone."""
    specs = [spec_of("busy", seed=seed, stop={"epochs": 20}) for seed in (1, 2, 3)]
    alone = [bits(Loop(spec).events()) for spec in specs]
    found = [None] * 3

    def train(place):
        found[place] = bits(Loop(specs[place]).events())

    threads = [threading.Thread(target=train, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert found == alone


def test_frozen_tensors_stay_and_all_others_are_kept():
    """T-H9-4. Counts, flags and sums of a module are those of its updates."""
    loop = Loop(spec_of("busy"))
    begun = loop.subject.net
    list(loop.events())
    net = loop.subject.net
    kept = dict(zip(net.anatomy.kept, net.buffers, strict=True))
    before = dict(zip(begun.anatomy.kept, begun.buffers, strict=True))
    np.testing.assert_array_equal(kept["fixed.weight"], before["fixed.weight"])
    assert kept["seen"] == 3 * 45
    assert kept["seen"].dtype == np.int64
    assert kept["mask"].tolist() == [True, False, True]
    assert kept["norm.num_batches_tracked"] == 9
    assert np.all(kept["sums"] > 0)
    assert not np.array_equal(net.arrays[2], begun.arrays[2])
    np.testing.assert_array_equal(net.arrays[0], np.ones(2))  # takes no part


def test_what_a_measurement_runs_changes_nothing():
    """T-H9-4. Terms that look ahead, and points that move against the net, leave running statistics as they were."""
    spec = spec_of("busy", adversarial={"kind": "fgsm", "radius": 0.1})
    loop = Loop(spec)
    list(loop.events())
    kept = dict(zip(loop.subject.net.anatomy.kept, loop.subject.net.buffers, strict=True))
    assert kept["norm.num_batches_tracked"] == 9


def test_pictures_come_in_their_shape_and_the_last_batch_of_one_is_normalised_at_rest():
    spec = digits("convolutions", batch=1436)  # 1437 training points: the last batch has one
    loop = Loop(spec)
    told = list(loop.events())
    assert spec.train_size % spec.batch == 1
    assert told[-1].state == "done"
    kept = dict(zip(loop.subject.net.anatomy.kept, loop.subject.net.buffers, strict=True))
    assert kept["1.num_batches_tracked"] == 1


# -- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("fails", "fails: RuntimeError: the weights of this net are on another planet"),
        ("no_module", "gives a list and no torch.nn.Module"),
        ("nowhere", "is not there"),
        ("NOT_CALLED", "is a int, which cannot be called"),
        ("one_class_too_many", r"gives outputs of shape (2, 11) for 2 samples of 1×8×8, where (2, 10) is wanted"),
        ("of_other_shape", "cannot read samples of 1×8×8"),
        ("two_outputs", "gives a tuple for a batch"),
        ("nothing_trained", "without a trained parameter"),
    ],
)
def test_a_factory_that_makes_no_net_is_refused_in_words(name, words):
    with pytest.raises(FieldRefused) as refused:
        Loop(digits(name))
    assert words in str(refused.value)
    assert refused.value.field["path"] == "net.factory"
    assert refused.value.hint
    assert len(str(refused.value)) < 600


@pytest.mark.parametrize("factory", ["nowhere.at_all:build", f"{HERE}.deeper:build"])
def test_a_module_that_is_not_there_is_named(factory):
    spec = spec_of(net={"wiring": "module", "factory": factory})
    with pytest.raises(FactoryRefused, match="is not there: no module"):
        Loop(spec)


def test_a_module_that_fails_on_import_is_named_with_its_error(tmp_path, monkeypatch):
    (tmp_path / "breaking_nets.py").write_text("import no_such_package_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(FactoryRefused, match="cannot be imported: ModuleNotFoundError: No module named 'no_such"):
        Loop(spec_of(net={"wiring": "module", "factory": "breaking_nets:build"}))


def test_a_batch_of_one_point_with_batch_normalisation_is_refused():
    with pytest.raises(FieldRefused, match="Batch 1 has no variance") as refused:
        Loop(spec_of("busy", batch=1))
    assert refused.value.field["path"] == "batch"
    list(Loop(spec_of("mlp", batch=1, stop={"epochs": 1})).events())


def test_a_net_that_fails_in_training_says_so():
    with pytest.raises(NotPossible, match="fails when it is trained: ValueError: no batch is good enough"):
        list(Loop(spec_of("fails_when_trained")).events())
    with pytest.raises(NotPossible, match=r"gives outputs of shape \(2,\) for 1 samples of 2, where \(1, 2\)"):
        list(Loop(spec_of("squeezes", batch=1)).events())


def test_memory_that_is_full_says_what_would_fit():
    spec = spec_of("too_large", batch=40)
    with pytest.raises(OutOfMemory, match=r"A batch of 40 does not fit into .* Fork it with batch 20"):
        list(Loop(spec).events())
    assert list(Loop(spec_of("too_large", batch=16)).events())[-1].state == "done"


def test_a_probe_that_cannot_measure_is_told_once_and_the_run_goes_on():
    told = list(Loop(spec_of("not_differentiable_twice", probes=[{"kind": "curvature"}])).events())
    [refused] = [event for event in told if isinstance(event, Unmeasured)]
    assert (refused.step, refused.probe) == (0, "curvature")
    assert "is not that of its loss" in refused.why
    assert told[-1].state == "done"


@pytest.mark.parametrize(
    ("net", "words"),
    [
        ({"factory": "os.path"}, "factory"),
        ({"factory": "os:system; import sys"}, "factory"),
        ({"factory": "../nets:build"}, "factory"),
        ({"factory": "nets:_private"}, "factory"),
        ({"factory": "nets:build.more"}, "factory"),
        ({"factory": "nets:build\n"}, "factory"),
        ({"factory": ":build"}, "factory"),
        ({}, "factory is missing"),
        ({"options": {"shape": [1]}}, "shape is given by the data"),
        ({"options": {"a b": 1}}, "cannot name an argument"),
        ({"options": {"__class__": 1}}, "cannot name an argument"),
        ({"options": {"a": [[[[[1]]]]]}}, "deep"),
        ({"options": {"a": "x" * 501}}, "501 characters"),
        ({"options": {"a": list(range(300))}}, "too many"),
        ({"options": {"a": 10**400}}, ""),
        ({"options": {"a": float("nan")}}, ""),
        ({"dropout": 0.3}, "dropout 0.3 is not possible with wiring module"),
        ({"activation": "tanh"}, "activation tanh is not possible"),
        ({"hidden": [3]}, "hidden"),
    ],
)
def test_a_spec_names_a_factory_and_plain_options_and_nothing_else(net, words):
    from pydantic import ValidationError

    from foldscape.explain import explain

    given = {"wiring": "module", **({"factory": "nets:build"} if net else {}), **net}
    with pytest.raises(ValidationError) as refused:
        RunSpec.model_validate({"net": given})
    [told] = explain(refused.value.errors(include_url=False), RunSpec)
    assert words in told["message"]
    assert told["path"].startswith("net.")


# -- who may ask ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("allowed", "factory", "fine"),
    [
        ("", "mine:build", False),
        ("mine", "mine:build", True),
        ("mine", "mine.deep.nets:build", True),
        ("mine", "mine2:build", False),
        ("mine.deep", "mine:build", False),
        ("other, mine", "mine:build", True),
        ("mine:build", "mine:build", True),
        ("mine:build", "mine:build_more", False),
    ],
)
def test_a_name_allows_what_it_begins(allowed, factory, fine):
    assert (Allowed.of(allowed).why_not(factory) == "") is fine


def test_what_is_not_allowed_is_refused_beside_the_field_with_the_way_out():
    with confined(Allowed.of("mine, other.nets")):
        with pytest.raises(ValueError, match=r"net.factory tests.library.own.nets:mlp is not") as refused:
            spec_of()
        with pytest.raises(FactoryRefused):
            factory_of(f"{HERE}:mlp")
    said = str(refused.value)
    assert "mine, other.nets" in said
    assert "FOLDSCAPE_MODULES" in said
    assert allowed_here() == Allowed()
    with pytest.raises(ValueError, match="FOLDSCAPE_MODULES names"):
        Allowed.of("mine; rm -rf")


def test_nothing_is_imported_that_is_not_allowed(tmp_path, monkeypatch):
    """T-H9-5. A module that would end the process is not even looked at."""
    (tmp_path / "trap_of_a_stranger.py").write_text("raise SystemExit('run')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with confined(Allowed.of(HERE)), pytest.raises(FactoryRefused, match="is not allowed here"):
        factory_of("trap_of_a_stranger:build")
    assert "trap_of_a_stranger" not in sys.modules
    with confined(Allowed.of("", loads=False)), pytest.raises(FactoryRefused, match="never loaded by the web process"):
        factory_of(f"{HERE}:mlp")


def test_what_an_allowed_module_imports_is_not_allowed_with_it():
    """T-H9-5: the factory has to be defined in a module that is named, so that no other function is reached."""
    with confined(Allowed.of(HERE)):
        assert factory_of(f"{HERE}:mlp") is nets.mlp
        for name in ("functional", "math", "nn"):
            with pytest.raises(FactoryRefused):
                factory_of(f"{HERE}:{name}")
    me = "tests.library.own.test_own_modules"
    with confined(Allowed.of(me)), pytest.raises(FactoryRefused, match="was not defined in a module that is allowed"):
        factory_of(f"{me}:RunSpec")


# -- another net ------------------------------------------------------------------------------------------------------


def test_a_snapshot_of_another_net_is_refused_by_name_and_shape():
    taken = Loop(spec_of()).snapshot()
    with pytest.raises(InvalidInput, match=r"its 1.weight is of shape \(8, 2\), that of this net of \(5, 2\)"):
        Loop(spec_of(options={"width": 5}), start=taken)
    with pytest.raises(InvalidInput, match=r"it has 1.weight, this net does not"):
        Loop(spec_of("told_nothing"), start=taken)
    with pytest.raises(InvalidInput, match=r"its 1.weight is of shape \(8, 2\), that of this net of \(8, 64\)"):
        Loop(digits("mlp"), start=taken)
    with pytest.raises(InvalidInput, match="This is no snapshot of a chain of layers"):
        Loop(spec_of(net={"hidden": [3]}), start=taken)


def test_a_run_begins_with_the_weights_of_another(tmp_path):
    loop = Loop(spec_of("busy"))
    list(loop.events())
    taken = loop.snapshot()
    spec = spec_of("busy", start={"run": "other"}, seed=4)
    from foldscape.start import weights_begun

    begun, first = weights_begun(spec, taken)
    first.save(tmp_path / "weights.npz")
    again = StartNet.unpack((tmp_path / "weights.npz").read_bytes())
    assert again.digest == first.digest == begun.start.digest
    fresh = Loop(begun, first=again.net).subject.net
    for mine, its in zip(fresh.state()["buffers"], loop.subject.net.buffers, strict=True):
        assert mine.dtype == its.dtype
        assert mine.shape == its.shape
        np.testing.assert_array_equal(mine, its)
    other = spec_of("busy", options={"width": 4}, start={"run": "other"})
    with pytest.raises(NoStart, match="its net has options"):
        weights_begun(other, again)
    with pytest.raises(NoStart, match="does not fit"):
        Loop(other, first=first.net)


def test_foldscape_run_takes_it():
    assert list(foldscape.run(spec_of()))[-1].state == "done"
