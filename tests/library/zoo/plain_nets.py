"""Nets of one arithmetic and ordinary layers, whole, shared, frozen or unused."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

from tests.library.zoo.nets import Run, case, points, tokens, two_layers


@case("stack")
def _(plain):
    return two_layers()


@case("stack_relu_inplace")
def _(plain):
    bends = nn.ReLU(inplace=True), nn.ReLU(inplace=True)
    return nn.Sequential(nn.Linear(4, 4), bends[0], nn.Linear(4, 4), bends[1], nn.Linear(4, 3))


@case("stack_without_bias")
def _(plain):
    return nn.Sequential(nn.Flatten(), nn.Linear(4, 3, bias=False), nn.ReLU(), nn.Linear(3, 3, bias=False))


@case("tied_by_module")
def _(plain):
    shared = nn.Linear(4, 4)
    return Run(lambda m, x: m.o(torch.tanh(m.b(torch.tanh(m.a(x))))), a=shared, b=shared, o=nn.Linear(4, 3))


@case("tied_by_module_in_a_stack")
def _(plain):
    shared = nn.Linear(4, 4)
    return nn.Sequential(shared, nn.Sigmoid(), shared, nn.Sigmoid(), nn.Linear(4, 3))


@case("tied_by_tensor")
def _(plain):
    first, second = nn.Linear(4, 4), nn.Linear(4, 4)
    second.weight = first.weight
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.Linear(4, 3))


@case("tied_embedding", tokens)
def _(plain):
    net = Run(lambda m, x: m.o(torch.tanh(m.e(x).mean(1)))[:, :3], e=nn.Embedding(6, 4), o=nn.Linear(4, 6, bias=False))
    net.o.weight = net.e.weight
    return net


@case("alias_of_a_part")
def _(plain):
    encoder = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    return Run(lambda m, x: m.head(m.again(x)), encoder=encoder, again=encoder, head=nn.Linear(4, 3))


@case("tied_bias_and_alias")
def _(plain):
    a, b = nn.Linear(4, 4), nn.Linear(4, 4)
    b.bias = a.bias
    return Run(lambda m, x: m.o(torch.tanh(m.b(torch.tanh(m.a(x))))), a=a, b=b, c=b, o=nn.Linear(4, 3))


@case("frozen_first_layer")
def _(plain):
    net = two_layers()
    net[0].requires_grad_(False)
    return net


@case("frozen_weight_of_one")
def _(plain):
    net = two_layers()
    net[2].weight.requires_grad_(False)
    return net


@case("unused_parameters")
def _(plain):
    return Run(lambda m, x: m.net(x), net=two_layers(3), spare=nn.Linear(2, 2))


@case("biases_only", options={"biases": "free"})
def _(plain):
    net = two_layers()
    for name, one in net.named_parameters():
        one.requires_grad_(name.endswith("bias"))
    return net


@case("norm_only", options={"biases": "free"})
def _(plain):
    net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Tanh(), nn.Linear(4, 3)).requires_grad_(False)
    net[1].requires_grad_(True)
    return net


@case("residual_with_inplace")
def _(plain):
    def run(m, x):
        y = m.a(x)
        y += m.b(x)
        y = y.relu_() * 1.5
        y[:, 0] += 1
        return m.o(y)

    return Run(run, a=nn.Linear(4, 4), b=nn.Linear(4, 4), o=nn.Linear(4, 3))


@case("parameter_list")
def _(plain):
    weights = nn.ParameterList([nn.Parameter(torch.randn(4, 4) / 2), nn.Parameter(torch.randn(4, 3))])
    scale = nn.ParameterDict({"s": nn.Parameter(torch.tensor(1.5))})
    return Run(lambda m, x: torch.tanh(x @ m.w[0]) @ m.w[1] * m.d["s"], w=weights, d=scale)


@case("parts_in_a_list")
def _(plain):
    def run(m, x):
        for layer in m.parts:
            x = x + torch.tanh(layer(x))
        return m.heads["one"](x)

    parts = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))
    return Run(run, parts=parts, heads=nn.ModuleDict({"one": nn.Linear(4, 3)}))


@case("patched_forward")
def _(plain):
    net = two_layers()
    forward = net.forward
    net.forward = lambda x: 2 * forward(x)
    return net


@case("patched_forward_of_a_layer")
def _(plain):
    net = two_layers()
    forward = net[0].forward
    net[0].forward = lambda x: 2 * forward(x)
    return net


@case("forward_hook")
def _(plain):
    net = two_layers()
    net[0].register_forward_hook(lambda m, inputs, output: output * 1.5)
    return net


@case("forward_pre_hook_of_the_whole")
def _(plain):
    net = two_layers()
    net.register_forward_pre_hook(lambda m, inputs: (inputs[0] + 1,))
    return net


@case("subclassed_stack")
def _(plain):
    class Doubled(nn.Sequential):
        def forward(self, x):
            return 2 * super().forward(x)

    return Doubled(*two_layers())


@case("subclassed_layer")
def _(plain):
    class Scaled(nn.Linear):
        def forward(self, x):
            return functional.linear(x, self.weight / self.weight.norm(), self.bias)

    return nn.Sequential(Scaled(4, 4), nn.Tanh(), nn.Linear(4, 3))


@case("activations_of_all_sorts")
def _(plain):
    bends = nn.PReLU(3), nn.GELU(), nn.SiLU()
    return nn.Sequential(
        nn.Linear(4, 3), bends[0], nn.Linear(3, 3), bends[1], nn.Linear(3, 3), bends[2], nn.Linear(3, 3)
    )


@case("leaky_stack")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.LeakyReLU(0.1), nn.Linear(4, 4), nn.LeakyReLU(0.3), nn.Linear(4, 3))


@case("softmax_at_the_end")
def _(plain):
    return nn.Sequential(*two_layers(), nn.LogSoftmax(-1))


@case("one_layer")
def _(plain):
    return nn.Linear(4, 3)


@case("bilinear", points(4))
def _(plain):
    return Run(lambda m, x: m.b(x, torch.tanh(x)), b=nn.Bilinear(4, 4, 3))


@case("embedding", tokens)
def _(plain):
    return Run(lambda m, x: m.o(torch.tanh(m.e(x).mean(1))), e=nn.Embedding(6, 3), o=nn.Linear(3, 3))


@case("embedding_with_padding", tokens)
def _(plain):
    return Run(lambda m, x: m.o(torch.tanh(m.e(x).mean(1))), e=nn.Embedding(6, 3, padding_idx=0), o=nn.Linear(3, 3))


@case("embedding_bag", tokens, may_refuse="torch has no second derivative of it")
def _(plain):
    if plain:
        table = nn.Embedding(6, 3)
        return Run(lambda m, x: m.o(torch.tanh(m.e(x).mean(1))), e=table, o=nn.Linear(3, 3))
    return Run(lambda m, x: m.o(torch.tanh(m.e(x))), e=nn.EmbeddingBag(6, 3, mode="mean"), o=nn.Linear(3, 3))


@case("sparse_embedding", tokens, may_refuse="torch gives sparse gradients")
def _(plain):
    return Run(lambda m, x: m.o(torch.tanh(m.e(x).mean(1))), e=nn.Embedding(6, 3, sparse=not plain), o=nn.Linear(3, 3))


@case("convolution", points(2, 4, 4))
def _(plain):
    return nn.Sequential(nn.Conv2d(2, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(2, 3))


@case("transposed_convolution", points(2, 2, 2))
def _(plain):
    return nn.Sequential(nn.ConvTranspose2d(2, 3, 2), nn.Tanh(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 3))


@case("depthwise_and_upsampled", points(2, 3, 3))
def _(plain):
    return nn.Sequential(
        nn.Conv2d(2, 4, 2, groups=2), nn.Upsample(scale_factor=2, mode="bilinear"), nn.Softplus(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3),
    )  # fmt: skip


@case("layer_norm")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 3))


@case("one_norm_twice")
def _(plain):
    return Run(lambda m, x: m.o(m.n(torch.tanh(m.n(m.a(x))))), a=nn.Linear(4, 4), n=nn.LayerNorm(4), o=nn.Linear(4, 3))


@case("group_norm", points(2, 3, 3))
def _(plain):
    return nn.Sequential(
        nn.Conv2d(2, 4, 2), nn.GroupNorm(2, 4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )


@case("instance_norm", points(2, 3, 3))
def _(plain):
    return nn.Sequential(
        nn.Conv2d(2, 3, 2), nn.InstanceNorm2d(3, affine=True), nn.Tanh(), nn.Flatten(), nn.Linear(12, 3)
    )


def _with_statistics(net):
    for part in net.modules():
        if isinstance(part, nn.modules.batchnorm._BatchNorm) and part.running_mean is not None:
            part.running_mean.normal_(0, 0.3)
            part.running_var.uniform_(0.5, 2)
    return net


@case("batch_norm")
def _(plain):
    return _with_statistics(nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 3)))


@case("one_batch_norm_twice")
def _(plain):
    net = Run(lambda m, x: m.o(m.n(torch.tanh(m.n(m.a(x))))), a=nn.Linear(4, 4), n=nn.BatchNorm1d(4), o=nn.Linear(4, 3))
    return _with_statistics(net)


@case("batch_norm_without_statistics", may_refuse="its samples see each other")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4, track_running_stats=False), nn.Tanh(), nn.Linear(4, 3))
