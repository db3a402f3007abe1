"""Nets with recurrence, attention, wrappers, several arithmetics, odd inputs and outputs, and traps for autograd."""

from __future__ import annotations

import warnings

import torch
from torch import nn
from torch.nn import functional
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

from tests.library.zoo.nets import SAMPLES, Run, case, coins, points, reals, tokens, two_layers

SEQUENCE = points(3, 2)


@case("lstm", SEQUENCE)
def _(plain):
    return Run(lambda m, x: m.o(m.r(x)[0][:, -1]), r=nn.LSTM(2, 2, batch_first=True), o=nn.Linear(2, 3))


@case("gru_of_two_layers", SEQUENCE)
def _(plain):
    return Run(lambda m, x: m.o(m.r(x)[1][-1]), r=nn.GRU(2, 1, 2, batch_first=True, dropout=0.5), o=nn.Linear(1, 3))


@case("bidirectional_lstm", SEQUENCE)
def _(plain):
    return Run(
        lambda m, x: m.o(m.r(x)[0].mean(1)), r=nn.LSTM(2, 1, batch_first=True, bidirectional=True), o=nn.Linear(2, 3)
    )


@case("rnn_cell", SEQUENCE)
def _(plain):
    def run(m, x):
        h = x.new_zeros(len(x), 3)
        for t in range(x.shape[1]):
            h = m.c(x[:, t], h)
        return m.o(h)

    return Run(run, c=nn.GRUCell(2, 3), o=nn.Linear(3, 3))


@case("multi_head_attention", points(3, 4))
def _(plain):
    return Run(
        lambda m, x: m.o(m.a(x, x, x, need_weights=False)[0].mean(1)),
        a=nn.MultiheadAttention(4, 2, batch_first=True, dropout=0.1), o=nn.Linear(4, 3),
    )  # fmt: skip


@case("scaled_dot_product_attention", points(3, 4))
def _(plain):
    def run(m, x):
        q, k, v = m.qkv(x).unflatten(-1, (3, 2, 2)).permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return m.o(mixed.transpose(1, 2).flatten(2).mean(1))

    return Run(run, qkv=nn.Linear(4, 12), o=nn.Linear(4, 3))


@case("transformer_encoder_layer", points(3, 2))
def _(plain):
    return Run(
        lambda m, x: m.o(m.t(x).mean(1)),
        t=nn.TransformerEncoderLayer(2, 2, 3, batch_first=True, dropout=0.1), o=nn.Linear(2, 3),
    )  # fmt: skip


@case("transformer_encoder", points(3, 2))
def _(plain):
    layer = nn.TransformerEncoderLayer(2, 1, 2, batch_first=True, norm_first=True, activation="gelu")
    encoder = nn.TransformerEncoder(layer, 1, norm=nn.LayerNorm(2), enable_nested_tensor=False)
    return Run(lambda m, x: m.o(m.t(x).mean(1)), t=encoder, o=nn.Linear(2, 3))


class _LengthAndWay(nn.Module):
    """Weight normalisation in plain operations: the second derivative of torch's kernel is wrong."""

    def forward(self, length, way):
        return length * way / way.norm(dim=1, keepdim=True)

    def right_inverse(self, weight):
        return weight.norm(dim=1, keepdim=True), weight


def _written_out(net):
    """Put the plain operations where the kernel was."""
    layer = net[0]
    (key,) = layer._forward_pre_hooks
    del layer._forward_pre_hooks[key]
    layer.register_forward_pre_hook(
        lambda m, inputs: setattr(m, "weight", m.weight_g * m.weight_v / m.weight_v.norm(dim=1, keepdim=True))
    )
    return net


@case("old_weight_norm")
def _(plain):
    net = two_layers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nn.utils.weight_norm(net[0])
    return _written_out(net) if plain else net


@case("weight_norm")
def _(plain):
    net = two_layers()
    if plain:
        nn.utils.parametrize.register_parametrization(net[0], "weight", _LengthAndWay())
    else:
        parametrizations.weight_norm(net[0])
    return net


@case("old_spectral_norm")
def _(plain):
    net = two_layers()
    nn.utils.spectral_norm(net[0])
    return net


@case("spectral_norm")
def _(plain):
    net = two_layers()
    parametrizations.spectral_norm(net[0])
    return net


@case("orthogonal")
def _(plain):
    net = two_layers()
    parametrizations.orthogonal(net[0], orthogonal_map="cayley")
    return net


@case("pruned")
def _(plain):
    from torch.nn.utils import prune

    net = two_layers()
    prune.random_unstructured(net[0], "weight", 0.5)
    return net


@case("low_rank_adapter")
def _(plain):
    base = two_layers().requires_grad_(False)
    return Run(
        lambda m, x: m.net[2](torch.tanh(m.net[0](x) + x @ m.down @ m.up)),
        net=base, down=nn.Parameter(torch.randn(4, 1)), up=nn.Parameter(torch.zeros(1, 4)),
    )  # fmt: skip


def _checkpointed(reentrant):
    def make(plain):
        def run(m, x):
            inner = lambda z: torch.tanh(m.a(z))  # noqa: E731 - checkpoint takes a function
            if plain:
                return m.o(inner(x))
            return m.o(checkpoint(inner, m.first(x) if reentrant else x, use_reentrant=reentrant))

        net = Run(run, a=nn.Linear(4, 4), o=nn.Linear(4, 3))
        net.first = nn.Identity()
        return net

    return make


case("checkpointed")(_checkpointed(False))
case("checkpointed_reentrant", by_differences=True, may_refuse="its inner parameters get no gradient")(
    _checkpointed(True)
)


@case("checkpointed_reentrant_in_the_middle", may_refuse="torch refuses to differentiate it twice")
def _(plain):
    def run(m, x):
        h = torch.tanh(m.a(x))
        inner = lambda z: torch.tanh(m.b(z))  # noqa: E731 - checkpoint takes a function
        return m.o(inner(h) if plain else checkpoint(inner, h, use_reentrant=True))

    return Run(run, a=nn.Linear(4, 3), b=nn.Linear(3, 3), o=nn.Linear(3, 3))


@case("compiled")
def _(plain):
    return two_layers() if plain else torch.compile(two_layers(), backend="eager")


@case("compiled_in_place")
def _(plain):
    net = Run(lambda m, x: m.o(torch.tanh(m.a(x))), a=nn.Linear(4, 4), o=nn.Linear(4, 3))
    if not plain:
        net.compile(backend="eager")
    return net


@case("compiled_part")
def _(plain):
    part = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    return nn.Sequential(part if plain else torch.compile(part, backend="eager"), nn.Linear(4, 3))


@case("data_parallel")
def _(plain):
    return two_layers() if plain else nn.DataParallel(two_layers())


@case("compiled_and_parallel")
def _(plain):
    net = two_layers()
    return net if plain else torch.compile(nn.DataParallel(net), backend="eager")


@case("scripted", may_refuse="a script cannot be given other parameters")
def _(plain):
    if plain:
        return two_layers()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return torch.jit.script(two_layers())


@case("averaged_model")
def _(plain):
    net = two_layers()
    return net if plain else torch.optim.swa_utils.AveragedModel(net)


@case("dropout_left_on", refused=True)
def _(plain):
    return Run(lambda m, x: m.o(functional.dropout(m.a(x), 0.5, training=True)), a=nn.Linear(4, 4), o=nn.Linear(4, 3))


@case("dropout_in_training_only")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5), nn.Tanh(), nn.Linear(4, 3))


@case("noise_in_a_buffer", refused=True)
def _(plain):
    net = two_layers()
    net.register_buffer("noise", torch.zeros(3))
    net.register_forward_hook(lambda m, inputs, output: output + m.noise.normal_())
    return net


@case("counter_in_a_buffer")
def _(plain):
    net = two_layers()
    net.register_buffer("calls", torch.zeros((), dtype=torch.long))
    net.register_forward_hook(lambda m, inputs, output: (m.calls.add_(1), output)[1])
    return net


@case("counter_in_an_attribute")
def _(plain):
    net = two_layers()
    net.seen = []
    net.register_forward_hook(lambda m, inputs, output: (m.seen.append(1), output)[1])
    return net


@case("moving_mean_updated_in_evaluation", may_refuse="its outputs depend on how often it was run")
def _(plain):
    def run(m, x):
        h = m.a(x)
        shown = h - m.mean
        with torch.no_grad():
            m.mean.lerp_(h.mean(0), 0.1)
        return m.o(torch.tanh(shown))

    net = Run(run, a=nn.Linear(4, 4), o=nn.Linear(4, 3))
    net.register_buffer("mean", torch.zeros(4))
    return net


@case("detached_part", by_differences=True, may_refuse="autograd differentiates another function")
def _(plain):
    return Run(lambda m, x: m.o(torch.tanh(m.a(x)) + torch.tanh(m.b(x)).detach()),
               a=nn.Linear(4, 3), b=nn.Linear(4, 3), o=nn.Linear(3, 3))  # fmt: skip


@case("no_grad_part", by_differences=True, may_refuse="autograd differentiates another function")
def _(plain):
    def run(m, x):
        with torch.no_grad():
            scale = torch.sigmoid(m.a(x))
        return m.o(torch.tanh(m.a(x)) * scale)

    return Run(run, a=nn.Linear(4, 4), o=nn.Linear(4, 3))


@case("numpy_part", by_differences=True, may_refuse="autograd differentiates another function")
def _(plain):
    def run(m, x):
        shift = torch.from_numpy(m.a.bias.detach().numpy() * 2)
        return m.o(torch.tanh(m.a(x) + shift))

    return Run(run, a=nn.Linear(4, 4), o=nn.Linear(4, 3))


@case("straight_through", by_differences=True, may_refuse="its gradient is another function's on purpose")
def _(plain):
    def run(m, x):
        h = m.a(x)
        return m.o(h + (h.round() - h).detach())

    return Run(run, a=nn.Linear(4, 4), o=nn.Linear(4, 3))


@case("gradient_by_hand_once", may_refuse="its gradient cannot be differentiated")
def _(plain):
    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        @torch.autograd.function.once_differentiable
        def backward(ctx, slope):
            return 3 * ctx.saved_tensors[0] ** 2 * slope

    cube = (lambda x: x**3) if plain else Cube.apply
    return Run(lambda m, x: m.o(cube(m.a(x))), a=nn.Linear(4, 3), o=nn.Linear(3, 3))


@case("gradient_by_hand_wrong", by_differences=True, may_refuse="its gradient is wrong")
def _(plain):
    class Square(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**2

        @staticmethod
        def backward(ctx, slope):
            return ctx.saved_tensors[0] * slope

    return Run(lambda m, x: m.o(Square.apply(m.a(x))), a=nn.Linear(4, 3), o=nn.Linear(3, 3))


@case("equation", points(1, labels=reals(1)), "mse")
def _(plain):
    def run(m, x):
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            u = m.net(x)
            return u + torch.autograd.grad(u.sum(), x, create_graph=True)[0]

    return Run(run, net=nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1)))


@case("equation_that_needs_gradients", points(1, labels=reals(1)), "mse")
def _(plain):
    def run(m, x):
        x = x.requires_grad_()
        u = m.net(x)
        return u + torch.autograd.grad(u.sum(), x, create_graph=True)[0]

    return Run(run, net=nn.Sequential(nn.Linear(1, 5), nn.Tanh(), nn.Linear(5, 1)))


def _named():
    (x, y), z = points(4)(), points(2)()[0]
    return {"left": x, "right": z}, y


@case("dict_input", _named)
def _(plain):
    return Run(lambda m, left, right: m.o(torch.tanh(m.a(left) + m.b(right))),
               a=nn.Linear(4, 4), b=nn.Linear(2, 4), o=nn.Linear(4, 3))  # fmt: skip


def _both():
    inputs, y = _named()
    return tuple(inputs.values()), y


@case("two_inputs", _both)
def _(plain):
    return Run(lambda m, left, right: m.o(torch.tanh(m.a(left) + m.b(right))),
               a=nn.Linear(4, 4), b=nn.Linear(2, 4), o=nn.Linear(4, 3))  # fmt: skip


def first_output(outputs, labels):
    """Give the cross-entropy of the first of several outputs."""
    return functional.cross_entropy(outputs[0], labels)


@case("tuple_output", loss=first_output)
def _(plain):
    return Run(lambda m, x: (m.o(h := torch.tanh(m.a(x))), h), a=nn.Linear(4, 4), o=nn.Linear(4, 3))


def logits_output(outputs, labels):
    """Give the cross-entropy of a named output."""
    return functional.cross_entropy(outputs["logits"], labels)


@case("dict_output", loss=logits_output)
def _(plain):
    return Run(lambda m, x: {"logits": m.net(x), "other": None}, net=two_layers())


def smoothed(outputs, labels):
    """Give the smoothed cross-entropy."""
    return functional.cross_entropy(outputs, labels, label_smoothing=0.1)


@case("loss_of_its_own", loss=smoothed)
def _(plain):
    return two_layers()


@case("weighted_loss", loss=nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 5.0])),
      may_refuse="a sample alone has another weight")  # fmt: skip
def _(plain):
    return two_layers()


def _masked():
    x, y = points(4)()
    return x, torch.where(torch.arange(len(y)) < 3, -100, y)


@case("ignored_labels", _masked, may_refuse="an ignored sample has no mean of its own")
def _(plain):
    return two_layers()


@case("summed_loss", loss=nn.CrossEntropyLoss(reduction="sum"), refused=True)
def _(plain):
    return two_layers()


def next_word(outputs, labels):
    """Give the mean cross-entropy over all places of a sequence."""
    return functional.cross_entropy(outputs.flatten(0, 1), labels.flatten())


@case("sequence_labels", lambda: (tokens()[0], tokens()[0].roll(1, 1)), next_word)
def _(plain):
    return Run(lambda m, x: m.o(torch.tanh(m.e(x).cumsum(1))), e=nn.Embedding(6, 2), o=nn.Linear(2, 6))


@case("sequence_labels_by_name", lambda: (tokens()[0], tokens()[0].roll(1, 1)))
def _(plain):
    return Run(lambda m, x: m.o(torch.tanh(m.e(x).cumsum(1))).transpose(1, 2), e=nn.Embedding(6, 2), o=nn.Linear(2, 6))


@case("soft_labels", points(4, labels=lambda g: torch.rand(SAMPLES, 3, generator=g).softmax(1)))
def _(plain):
    return two_layers()


@case("regression", points(4, labels=reals(2)), "mse")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))


@case("regression_without_an_axis", points(4, labels=reals()), "mse")
def _(plain):
    return Run(lambda m, x: m.net(x).squeeze(-1), net=nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1)))


@case("robust_regression", points(4, labels=reals(2)), nn.SmoothL1Loss())
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 2))


@case("one_logit", points(4, labels=coins()), "bce")
def _(plain):
    return Run(lambda m, x: m.net(x).squeeze(-1), net=nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1)))


@case("one_logit_in_a_column", points(4, labels=coins(1)), "bce")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))


@case("one_logit_on_cross_entropy", points(4, classes=2))
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))


@case("multi_label", points(4, labels=coins(3)), "bce")
def _(plain):
    return two_layers()


@case("fractional_labels", points(4, labels=lambda g: torch.rand(SAMPLES, generator=g)), refused=True)
def _(plain):
    return two_layers()


@case("labels_beyond_the_outputs", points(4, classes=7), refused=True)
def _(plain):
    return two_layers()


@case("double")
def _(plain):
    return Run(lambda m, x: m.net(x), net=two_layers()).double()


@case("bfloat16")
def _(plain):
    return Run(lambda m, x: m.net(x), net=two_layers()).bfloat16()


@case("bfloat16_stack")
def _(plain):
    return two_layers().bfloat16()


@case("half")
def _(plain):
    return nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.GELU(), nn.Linear(4, 3)).half()


def _own_types(m, x):
    return m.o(torch.tanh(m.a(x.to(m.a.weight.dtype))).to(m.o.weight.dtype))


@case("half_then_single")
def _(plain):
    return Run(_own_types, a=nn.Linear(4, 4).bfloat16(), o=nn.Linear(4, 3))


@case("single_then_double")
def _(plain):
    return Run(_own_types, a=nn.Linear(4, 4), o=nn.Linear(4, 3).double())


@case("autocast_inside", may_refuse="it computes in half precision by its own will", tolerance=2e-3)
def _(plain):
    def run(m, x):
        with torch.autocast("cpu", torch.bfloat16, enabled=not plain):
            return m.net(x).to(x.dtype)

    return Run(run, net=two_layers())


@case("complex", refused=True)
def _(plain):
    return Run(lambda m, x: m.o((x.to(m.w.dtype) @ m.w).abs()),
               w=nn.Parameter(torch.randn(4, 3, dtype=torch.complex64)), o=nn.Linear(3, 3))  # fmt: skip


@case("complex_frozen", may_refuse="complex numbers inside")
def _(plain):
    def run(m, x):
        return m.o(torch.fft.rfft(torch.tanh(m.a(x))).abs())

    return Run(run, a=nn.Linear(4, 4), o=nn.Linear(3, 3))


@case("lazy", refused=True)
def _(plain):
    return nn.Sequential(nn.LazyLinear(4), nn.Tanh(), nn.Linear(4, 3)) if not plain else two_layers()


@case("nothing_trained", refused=True)
def _(plain):
    return two_layers().requires_grad_(False)


@case("made_under_inference_mode")
def _(plain):
    with torch.inference_mode(not plain):
        return two_layers()


@case("not_finite", may_refuse="its loss is no number")
def _(plain):
    net = two_layers()
    with torch.no_grad():
        net[0].weight[0, 0] = torch.nan
    return net


@case("scalar_parameter")
def _(plain):
    return Run(lambda m, x: m.net(x) * m.t.exp(), net=two_layers(3), t=nn.Parameter(torch.tensor(0.2)))


@case("empty_parameter")
def _(plain):
    return Run(lambda m, x: m.net(x), net=two_layers(3), nothing=nn.Parameter(torch.zeros(0, 3)))


@case("tensor_that_is_no_buffer")
def _(plain):
    net = Run(lambda m, x: m.net(x) * m.scale.to(x.dtype), net=two_layers())
    net.scale = torch.tensor([1.0, 2.0, 3.0])
    return net


@case("caches_its_weight", may_refuse="it keeps a tensor made of its parameters")
def _(plain):
    def run(m, x):
        if plain or m.kept is None:
            m.kept = m.a.weight * 2
        return m.o(torch.tanh(x @ m.kept.T))

    net = Run(run, a=nn.Linear(4, 4, bias=False), o=nn.Linear(4, 3))
    net.kept = None
    return net


@case("transposed_memory")
def _(plain):
    net = two_layers()
    net[0].weight = nn.Parameter(torch.randn(4, 4).t())
    return net
