"""Small nets of every kind that grows by blocks, and points for them."""

from dataclasses import replace

import numpy as np

from foldscape.growth.base import Scene
from foldscape.net.modular_spec import net_spec_of
from foldscape.net.spec import kinds_of_net

SHAPE, CLASSES = (2, 6, 6), 3
FORMS = {
    "cnn": [
        {"channels": (3, 4), "pool": (True, False)},
        {"channels": (3, 4), "pool": (False, True), "norm": "batch", "head": "flatten"},
    ],
    "mobilenet_v2": [{"rows": 2, "halving": [0], "width": 0.25}],
    "res_mlp": [{"width": 5, "inner": 4, "blocks": 2}],
    "resnet": [{"width": 4, "shortcut": "B"}, {"width": 4, "norm": "none"}],
}
"""Settings of each kind; a kind that is not named is taken as it comes."""
KINDS = [kind for kind, spec in kinds_of_net().items() if spec.can.grown_as == "blocks"]
NETS = [{"wiring": kind, **form} for kind in KINDS for form in FORMS.get(kind, [{}])]


def named(net):
    """Give a name for a test of such a net."""
    return " ".join(map(str, net.values())).replace("[", "(").replace("]", ")")


def net_of(told, dtype=np.float64, **more):
    """Draw a net; its channels have been normalised for a while, each in its own way."""
    rng = np.random.default_rng(3)
    net = net_spec_of(told | more).first_on(SHAPE, CLASSES, rng).astype(dtype)
    moved = [part + 0.2 * rng.random(part.shape).astype(dtype) for part in net.buffers]
    arrays = [part + 0.1 * rng.normal(size=part.shape).astype(dtype) for part in net.arrays]
    return replace(net, buffers=tuple(moved), arrays=tuple(arrays))


def scene_of(count=48):
    """Give points in three classes that a net can learn to tell apart."""
    rng = np.random.default_rng(5)
    y = rng.integers(CLASSES, size=count)
    return Scene(rng.normal(size=(count, int(np.prod(SHAPE)))) + 0.5 * y[:, None], y, next_unit=1000)


def loss_of(net, scene):
    """Give the mean loss, at rest."""
    return float(scene.loss.values(net.logits(scene.x), scene.y).mean())


def gradient_of(net, scene):
    """Differentiate the mean loss by each parameter array, at rest, in double precision and by torch alone."""
    import torch

    module = net.module()
    mean = scene.loss.mean_of(module(torch.from_numpy(scene.x)), torch.from_numpy(scene.y))
    return [part.numpy() for part in torch.autograd.grad(mean, list(module.parameters()))]
