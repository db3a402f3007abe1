"""ReLU for torch: the values of a clamp, and a derivative of 1 at 0."""

import pytest
import torch

from foldscape.net.relu import relu


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.float16, torch.bfloat16])
def test_it_is_a_clamp_to_the_bit_and_its_derivative_at_0_is_1(dtype):
    tiny = torch.finfo(dtype).tiny
    z = torch.tensor([-3, -tiny, -0.0, 0.0, tiny, 2.5, float("inf"), float("-inf")], dtype=dtype, requires_grad=True)
    clamped = z.detach().clone().requires_grad_()
    assert torch.equal(relu(z), clamped.clamp_min(0))
    mine = torch.autograd.grad(relu(z).sum(), z)[0]
    assert torch.equal(mine, torch.autograd.grad(clamped.clamp_min(0).sum(), clamped)[0])
    assert mine.tolist() == [0, 0, 1, 1, 1, 1, 1, 0]


def test_it_can_be_differentiated_twice():
    z = torch.tensor([-1.0, 0.5, 0.0, 2.0], dtype=torch.float64, requires_grad=True)
    once = torch.autograd.grad((relu(z) ** 3).sum(), z, create_graph=True)[0]
    assert once.tolist() == [0, 0.75, 0, 12]
    assert torch.autograd.grad(once.sum(), z)[0].tolist() == [0, 3, 0, 12]
