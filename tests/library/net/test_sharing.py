"""Blocks that are one and the same, and factors on what residual blocks add."""

import numpy as np
import pytest
import torch

from foldscape.net.kinds.res_mlp import ResMlpSpec
from foldscape.net.kinds.resnet import ResnetSpec
from foldscape.net.modular_spec import net_spec_of

SHAPE, CLASSES = (1, 8, 8), 10
KINDS = [{"wiring": "res_mlp", "norm": "batch", "blocks": 3}, {"wiring": "resnet", "n": 3, "width": 4}]
every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind["wiring"])


def net_of(kind, **given):
    return net_spec_of(kind | given).first_on(SHAPE, CLASSES, np.random.default_rng(0))


def points(n=6):
    return np.random.default_rng(1).normal(size=(n, 64)).astype(np.float32)


@every_kind
@pytest.mark.parametrize("shared", ["no", "all", "weights"])
def test_the_plan_counts_what_the_module_has(kind, shared):
    net = net_of(kind, shared=shared, residual_scale=0.1)
    module = net.module()
    assert [name for name, _ in module.named_parameters()] == list(net.names)
    assert [tuple(part.shape) for part in module.parameters()] == [tensor.shape for tensor in net.plan.tensors]
    assert [tuple(part.shape) for part in module.buffers()] == [part.shape for part in net.buffers]
    again = net.restored(net.state())
    np.testing.assert_array_equal(again.logits(points()), net.logits(points()))


@every_kind
def test_a_tied_net_is_the_untied_one_with_equal_blocks(kind):
    """Its arrays, written into each block of a net without ties, give the same answers; it multiplies as often."""
    tied = net_of(kind, shared="all")
    free = net_of(kind)
    into, out = free.module(), tied.module()
    with torch.no_grad():
        for mine, theirs in zip(into.blocks, out.blocks, strict=True):
            mine.load_state_dict(theirs.state_dict())
    rows = torch.from_numpy(points())
    torch.testing.assert_close(into(rows), out(rows), rtol=0, atol=0)
    assert tied.plan.multiplications == free.plan.multiplications
    assert tied.plan.values == free.plan.values
    assert tied.parameters < free.parameters


@every_kind
def test_own_norms_are_all_that_tied_blocks_have(kind):
    whole, but_norms, free = (net_of(kind, shared=shared) for shared in ("all", "weights", "no"))
    assert len(but_norms.buffers) == len(free.buffers) > len(whole.buffers)
    more = set(but_norms.names) - set(whole.names)
    assert more
    assert all(".norm" in name for name in more)


@every_kind
def test_the_gradient_of_tied_weights_is_the_sum_over_their_places(kind):
    tied, free = net_of(kind, shared="all").module(), net_of(kind).module()
    with torch.no_grad():
        for mine, theirs in zip(free.blocks, tied.blocks, strict=True):
            mine.load_state_dict(theirs.state_dict())
    rows = torch.from_numpy(points())
    for module in (tied, free):
        module(rows).square().sum().backward()
    places = [block.name for block in tied.plan.blocks if block.stage <= 0 and block.name not in ("stem", "head")]
    first, layer = (places[0], "linear1") if kind["wiring"] == "res_mlp" else (places[0], "conv1")
    same = [name for name in places if name.startswith(first[:-1])]
    expected = sum(free.get_submodule(f"{name}.{layer}").weight.grad for name in same)
    torch.testing.assert_close(tied.get_submodule(f"{first}.{layer}").weight.grad, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("spec", [ResMlpSpec(wiring="res_mlp", blocks=2), ResnetSpec(wiring="resnet", width=4)])
def test_a_factor_on_residuals_scales_them(spec):
    plain = spec.first_on(SHAPE, CLASSES, np.random.default_rng(0))
    scaled = spec.model_copy(update={"residual_scale": 0.1}).first_on(SHAPE, CLASSES, np.random.default_rng(0))
    rows = torch.from_numpy(points())
    one, other = plain.module(), scaled.module()
    h = one.blocks[0](one.shaped(rows))
    torch.testing.assert_close(other.blocks[1].inner(h), 0.1 * one.blocks[1].inner(h))


def test_a_factor_of_one_adds_no_parameter():
    assert not [name for name in net_of({"wiring": "res_mlp"}).names if "scale" in name]
    assert net_of({"wiring": "res_mlp"}).parameters == 64 * 64 + 64 + 8 * 2 * (64 * 64 + 64) + 640 + 10


def test_a_spec_of_before_is_written_as_it_was():
    spec = ResnetSpec(wiring="resnet")
    assert not {"shared", "residual_scale"} & set(spec.model_dump(mode="json"))
