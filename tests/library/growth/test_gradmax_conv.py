"""T-E7-6: GradMax for convolutions, against the gradient of filters that are really there."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.nn import BatchNorm2d, Conv2d

from foldscape.errors import NotPossible
from foldscape.growth.gradmax_conv import GrownPair, grow_pair, moment

LAYOUTS = {
    "plain": ({"kernel_size": 3}, {"kernel_size": 3}),
    "first padded": ({"kernel_size": 3, "padding": 1}, {"kernel_size": 2}),
    "both padded": ({"kernel_size": 3, "padding": 1}, {"kernel_size": 3, "padding": 1}),
    "strides": ({"kernel_size": 3, "stride": 2, "padding": 1}, {"kernel_size": 3, "stride": 2, "padding": 1}),
    "strides, second not padded": ({"kernel_size": 2, "stride": 2}, {"kernel_size": 3, "stride": 2}),
    "oblong": ({"kernel_size": (1, 3), "padding": (0, 1)}, {"kernel_size": (3, 2), "padding": (1, 0)}),
}


def loss_of(pair, x, weights):
    first, norm, second = pair[:3]
    z = first(x)
    z = z if norm is None else norm(z)
    out = second(z.clamp_min(0))
    return out, (weights[:, : out.shape[1]] * out.sin()).sum()


@pytest.fixture(params=[False, True], ids=["plain", "normed"])
def case(request):
    return make(request.param)


def make(normed, layout="plain"):
    torch.manual_seed(3)
    one, two = LAYOUTS[layout]
    first, second = Conv2d(2, 4, **one, dtype=torch.float64), Conv2d(4, 5, **two, dtype=torch.float64)
    norm = BatchNorm2d(4, dtype=torch.float64).eval() if normed else None
    if norm is not None:
        for part in norm.state_dict().values():
            if part.dim():
                part.uniform_(0.5, 1.5)
    x = torch.randn(6, 2, 9, 8, dtype=torch.float64)
    pair = GrownPair(first, norm, second, [])
    out, _ = loss_of(pair, x, torch.zeros(1, 5, 1, 1, dtype=torch.float64))
    weights = torch.randn_like(out)
    out = out.detach().requires_grad_()
    (errors,) = torch.autograd.grad((weights * out.sin()).sum(), out)
    return pair, x, weights, errors


@pytest.mark.parametrize("normed", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_T_E7_6_M_gives_the_gradient_of_a_filter_that_is_really_added(layout, normed):
    (first, norm, second, _), x, weights, errors = make(normed, layout)
    M = moment(first, norm, second, x, errors)
    grown = grow_pair(first, norm, second, x, errors)
    outgoing = torch.randn_like(grown.second.weight[:, -1])
    grown.second.weight.data[:, -1] = outgoing
    _, loss = loss_of(grown, x, weights)
    (gradient,) = torch.autograd.grad(loss, grown.first.weight)
    expected = (outgoing.flatten() @ M).reshape(gradient[-1].shape)
    assert (gradient[-1] - expected).abs().max() <= 1e-8
    assert expected.abs().max() > 0.1


@pytest.mark.parametrize("scale_by", ["equal", "sigma"])
def test_T_E7_1_each_filter_has_the_gradient_foretold(case, scale_by):
    pair, x, weights, errors = case
    grown = grow_pair(*pair[:3], x, errors, units=3, scale=0.5, scale_by=scale_by)
    _, loss = loss_of(grown, x, weights)
    by_kernel, by_reader = torch.autograd.grad(loss, (grown.first.weight, grown.second.weight))
    np.testing.assert_allclose(by_kernel[-3:].flatten(1).norm(dim=1), grown.gradient_norms, atol=1e-10)
    assert by_reader[:, -3:].abs().max() == 0
    c = 0.5 * pair.second.weight.detach().transpose(0, 1).flatten(1).norm(dim=1).mean()
    slices = grown.second.weight[:, -3:].transpose(0, 1).flatten(1).detach()
    assert float(slices[0].norm()) == pytest.approx(float(c))
    gram = slices @ slices.T
    np.testing.assert_allclose(gram, torch.diag(gram.diag()), atol=1e-12)


def test_T_E7_3_the_function_is_kept_and_so_are_the_old_filters(case):
    pair, x, weights, errors = case
    grown = grow_pair(*pair[:3], x, errors, units=2)
    np.testing.assert_allclose(
        loss_of(grown, x, weights)[0].detach(), loss_of(pair, x, weights)[0].detach(), rtol=0, atol=1e-14
    )
    assert grown.first.weight[4:].abs().max() == 0
    assert torch.equal(grown.first.weight[:4], pair.first.weight)
    assert torch.equal(grown.second.weight[:, :4], pair.second.weight)
    if pair.norm is not None:
        assert not grown.norm.training
        for name, fresh in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1)):
            part, old = grown.norm.state_dict()[name], pair.norm.state_dict()[name]
            assert torch.equal(part[:4], old)
            assert (part[4:] == fresh).all()


def test_T_E7_4_no_random_slices_of_the_same_norm_are_steeper(case):
    pair, x, _, errors = case
    M = moment(*pair[:3], x, errors)
    grown = grow_pair(*pair[:3], x, errors, units=2)
    best, c = np.linalg.norm(grown.gradient_norms), float(grown.second.weight[:, -1].detach().norm())
    generator = torch.Generator().manual_seed(0)
    for _ in range(200):
        drawn = torch.linalg.qr(torch.randn(len(M), 2, generator=generator, dtype=torch.float64))[0]
        assert float((c * drawn.T @ M).norm()) < best


def test_T_E7_5_torchs_relu_gives_the_new_filters_no_gradient():
    pair, x, _, errors = make(False)
    first, _, second, _ = grow_pair(*pair[:3], x, errors)
    (gradient,) = torch.autograd.grad(second(first(x).relu()).square().sum(), first.weight)
    assert gradient[:4].abs().max() > 0
    assert gradient[4:].abs().max() == 0


@pytest.mark.parametrize("options", [{"groups": 2}, {"dilation": 2}, {"padding": "same"}, {"padding_mode": "circular"}])
def test_what_M_does_not_hold_for_is_refused(options):
    pair, x, _, errors = make(False)
    odd = Conv2d(2, 4, 3, **options, dtype=torch.float64)
    with pytest.raises(NotPossible, match=r"Conv2d\(2, 4, .* cannot be grown\. One group"):
        moment(odd, None, pair.second, x, errors)


def test_the_rules_load_no_torch():
    code = "import sys; import foldscape.growth.gradmax_conv, foldscape.growth; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
