"""Vectors for the JavaScript tests, computed by numpy and packed by the one serialiser."""

import base64
import struct
from itertools import pairwise

import numpy as np
import orjson

from foldscape.data.plane import Moons
from foldscape.events import Frame, Grown
from foldscape.geometry import hexagons_around, max_norm_distance, partition
from foldscape.geometry.critical import critical_region
from foldscape.growth import nets
from foldscape.landscape import topology
from foldscape.landscape.persistence import ROUNDING
from foldscape.landscape.recorded.topology import topology_row
from foldscape.measures.declared import MEASURES
from foldscape.net.mlp import Weights
from foldscape.spec import RunSpec
from foldscape.stop_spec import Plateau, StopRule
from foldscape.training.opening import subject_of
from foldscape.vocabulary import CLOCKS, function_change
from foldscape.wire import pack_event

SPEC = RunSpec(speed=20, stop=StopRule(plateau=Plateau()))

ACTIVATIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.1 * z),
    "tanh": np.tanh,
}


def all_vectors():
    spec = SPEC.model_dump(mode="json")
    return {
        "wire": wire(),
        "forward": [forward(activation, net(sizes, drawn(sizes))) for activation, sizes in FORWARD]
        + [forward(activation, wide_net(sizes, drawn(sizes))) for activation, sizes in WIDE],
        "spec": spec,
        "schema": RunSpec.model_json_schema(),
        "nets": nets.nets_as_json(),
        "box": box(),
        "words": said(),
        "regions": [regions(make) for make in (net, wide_net)],
        "topology": topologies(),
        "critical": [critical(seed) for seed in range(3)],
    }


def critical(seed):
    """Give what a frame tells of a plane net, and the library's own answer to who is critical in it."""
    split = Moons(n=120).load(seed)
    subject = subject_of(RunSpec(data=Moons(n=120)), split, None, [])
    net = Weights(*layers_of(seed))
    net.biases[-1][:] -= net.logits(split.train_x).mean(axis=0)  # balanced, so that there is a boundary
    boundary = net.pieces(subject.box).boundary.points.astype(np.float32)
    largest = (subject.box[1] - subject.box[0]) / 12
    exact = [critical_region(net, split.train_x, r) for r in (0.0, 0.02, 0.1, largest)]
    return {
        "points": split.train_x.ravel().tolist(),
        "boundary": boundary.ravel().tolist(),
        "box": subject.box,
        "distance": max_norm_distance(split.train_x, boundary).tolist(),
        "radii": [found.r for found in exact],
        "critical": [found.critical.astype(int).tolist() for found in exact],
        "hexagons": hexagons_around(boundary, 0.1).reshape(-1).tolist(),
    }


def layers_of(seed):
    """Give the layers of a net, drawn at random."""
    rng = np.random.default_rng(seed)
    sizes = (2, 8, 6, 2)
    weights = tuple(rng.normal(size=(b, a)).astype(np.float32) for a, b in pairwise(sizes))
    return weights, tuple(rng.normal(size=b).astype(np.float32) * 0.3 for b in sizes[1:])


def topologies():
    """Give what is told of a rough plane, and the library's own answers at some depths."""
    line = np.linspace(-7, 7, 31)
    losses = np.add.outer(np.cos(line), np.cos(1.3 * line)) + 0.02 * np.add.outer(line, line)
    losses[3, 4:6] = np.nan
    found = topology(losses, relative_error=ROUNDING)
    told = topology_row("train", losses, np.arange(losses.size), {"side": 31, "of": 31})
    asked = [0, 0.1, float(np.sort(found.persistence)[3]), 1.0, 5.0]
    answers = [{"depth": depth, "count": found.count(depth), "basins": plain(found.basins(depth))} for depth in asked]
    return {"row": orjson.loads(told.as_json()), "answers": answers}


def said():
    changes = (0, 5.2e-15, 1e-6, 2e-6, 0.004, 0.01, 0.4423, 3.0, 34.58, 123.4)
    return {
        "changes": [[value, function_change(value)] for value in changes],
        "axes": {name: clock.axis() for name, clock in CLOCKS.items()},
        "measures": {name: column.label for name, column in MEASURES.items()},
    }


def box():
    spec = RunSpec(data=Moons())
    split = spec.data.load(7)
    subject = subject_of(spec, split, None, [])
    points = np.concatenate([split.train_x, split.test_x]).ravel().tolist()
    return {"points": points, "box": subject.box}


def regions(make):
    """Give a deep net with the fold lines and the count of its regions in the box from -1 to 1."""
    rng = np.random.default_rng(5)
    weights, biases = make((2, 7, 6, 2), rng)
    biases = tuple(0.4 * bias for bias in biases)
    pieces = partition([w.astype(float) for w in weights], [b.astype(float) for b in biases], (-1, 1, -1, 1))
    return {
        "activation": "relu",
        "slope": 0,
        "weights": [{"data": w.ravel().tolist(), "shape": w.shape} for w in weights],
        "biases": [b.tolist() for b in biases],
        "units": [list(range(7)), list(range(7, 13))],
        "folds": plain(pieces.folds.points),
        "regions": len(pieces.cells),
    }


FORWARD = [
    ("relu", (2, 5, 2)),
    ("leaky_relu", (2, 4, 3, 2)),
    ("tanh", (2, 3, 3, 3, 3, 4)),
    ("relu", (2, 2)),
]
WIDE = [("relu", (2, 5, 3, 2)), ("leaky_relu", (2, 4, 1, 1, 3)), ("tanh", (2, 3, 2, 2))]


def drawn(sizes):
    return np.random.default_rng(len(sizes) * 100 + sizes[1])


def net(sizes, rng):
    weights = tuple(rng.normal(size=(o, i)).astype(np.float32) for i, o in pairwise(sizes))
    biases = tuple(rng.normal(size=o).astype(np.float32) for o in sizes[1:])
    return weights, biases


def wide_net(sizes, rng):
    """Give a net whose layers hear the inputs and all layers before theirs, with every third weight missing."""
    weights = tuple(rng.normal(size=(o, sum(sizes[: k + 1]))).astype(np.float32) for k, o in enumerate(sizes[1:]))
    for weight in weights:
        weight[rng.random(weight.shape) < 1 / 3] = 0
    return weights, tuple(rng.normal(size=o).astype(np.float32) for o in sizes[1:])


def forward(activation, made):
    weights, biases = made
    points = np.random.default_rng(len(weights)).uniform(-2, 2, (7, 2)).astype(np.float32)
    heard, before = points.astype(np.float64), []
    for w, b in zip(weights[:-1], biases[:-1], strict=True):
        before.append(heard[:, -w.shape[1] :] @ w.T + b)
        heard = np.concatenate([heard, ACTIVATIONS[activation](before[-1])], axis=1)
    hidden = heard[:, -weights[-1].shape[1] :]
    logits = hidden @ weights[-1].T + biases[-1]
    return {
        "activation": activation,
        "slope": 0.1,
        "weights": [{"data": w.ravel().tolist(), "shape": w.shape} for w in weights],
        "biases": [b.tolist() for b in biases],
        "points": points.ravel().tolist(),
        "before": [z.ravel().tolist() for z in before],
        "logits": logits.ravel().tolist(),
    }


def wire():
    rng = np.random.default_rng(3)
    weights, biases = net((2, 3, 2), rng)
    segments = rng.normal(size=(4, 2, 2)).astype(np.float32)
    frame = Frame(
        step=40,
        seq=2,
        epoch=4.5,
        why_no_folds="",
        regions=5,
        weights=weights,
        biases=biases,
        units=(np.array([0, 1, 7], np.int32),),
        folds=segments,
        fold_unit=np.zeros((4, 2), np.int32),
        fold_normal=rng.normal(size=(4, 2)).astype(np.float32),
        boundary=segments[:1],
        fold_points=np.zeros((0, 2), np.float32),
        fold_point_unit=np.zeros((0, 2), np.int32),
        active_share=(np.array([0.5, 0, 1], np.float32),),
    )
    grown = Grown(
        step=40,
        seq=1,
        epoch=4.5,
        method="gradmax",
        layer=0,
        unit=7,
        k_new=1,
        parameters_before=12,
        parameters_after=17,
        kept=0.0,
        loss_change=0.0,
        score=float("nan"),
        lambda_before=1.0,
        lambda_after=1.5,
        gradient_norm_new=0.1,
        gain=0.01,
        explanation={"why": "ünï"},
        seed=[7, 1],
    )
    return [message(frame), message(grown)]


def message(event):
    packed = pack_event(event)
    head = orjson.loads(packed.head)
    batch = orjson.dumps({"run": "r", "cursors": {"frames": "40-2"}, "state": None, "events": [head]})
    batch += b" " * (-len(batch) % 8)
    arrays = head.pop("arrays")
    return {
        "message": base64.b64encode(struct.pack("<II", 1, len(batch)) + batch + packed.body).decode(),
        "values": head,
        "arrays": {name: plain(getattr(event, name)) for name in arrays},
    }


def plain(array):
    if isinstance(array, tuple):
        return [plain(part) for part in array]
    return {"data": array.ravel().tolist(), "shape": list(array.shape)}
