"""Random valid runs over every field of a spec, each known by its number."""

from __future__ import annotations

import random
from typing import Any

from pydantic import ValidationError

from foldscape.spec import RunSpec

PLANES = ("rings", "moons", "xor", "two_spirals", "sine", "overlap_quadratic", "checkerboard", "gaussian_blobs")
WATCHED = ("validation_loss", "validation_accuracy", "train_loss", "train_accuracy")
CHAIN_RULES = (
    "folding", "gradmax", "north", "random_direction", "firefly", "splitting", "net2wider", "identity_layer",
    "split_layer", "register_layers", "batch_norm", "bias_shift", "tiny",
)  # fmt: skip
Plain = dict[str, Any]


def spec_of(number: int) -> RunSpec:
    """Give the run of a number; what the spec refuses is drawn anew."""
    draw = random.Random(number)
    while True:
        try:
            return RunSpec.model_validate(_plain(draw))
        except ValidationError:
            continue


def _plain(draw: random.Random) -> Plain:
    data = _data(draw)
    flat = data["kind"] in PLANES
    epochs = draw.randint(1, 12) if flat else 2
    net = _net(draw, flat)
    dag = net.get("wiring") == "dag"
    found = {
        "data": data,
        "net": net,
        "loss": _loss(draw),
        "optimizer": _optimizer(draw),
        "batch": draw.choice((1, 5, 8, 13)) if flat else draw.choice((64, 100)),
        "validation_share": draw.choice((0, 0, 0.2, 0.4)),
        "shuffle": draw.choice(("epoch", "once", "never")),
        "seed": draw.randrange(1000),
        "stop": _stop(draw, epochs),
        "growth": _growth(draw, epochs, dag),
        "probes": _probes(draw, flat),
        "speed": draw.choice((None, None, 3, 40)),
        "lr_schedule": _lr_schedule(draw, epochs),
        "batch_schedule": _batch_schedule(draw),
    }
    if draw.random() < 0.25 and not dag:
        found["input_noise"] = 0.1
    if draw.random() < 0.15 and not dag:
        found["input_dropout"] = 0.2
        found["adversarial"] = {"kind": draw.choice(("fgsm", "pgd")), "radius": 0.05, "steps": 2}
    if draw.random() < 0.2:
        found["corrupt"] = {"labels": draw.choice((0, 0.3, 1)), "inputs": draw.choice((0, 0.5)), "pixels": 0.5}
        found["corrupt"]["replacement"] = draw.choice(("covariance", "diagonal", "pixels", "shuffled"))
    if draw.random() < 0.3:
        found["optimizer"].pop("weight_decay", None)
        found["terms"] = [{"kind": "weight_decay", "strength": draw.choice((0, 0.001, 0.1))}]
    if draw.random() < 0.2:
        hills = {"kind": "hills", "strength": draw.choice((0, 0.3)), "every": draw.choice((1, 2)), "most": 3}
        found["terms"] = [*found.get("terms", []), hills]
    if draw.random() < 0.4:
        found["commands"] = _commands(draw, epochs, dag)
    if draw.random() < 0.2:
        found["engine"] = draw.choice(("torch", "compiled"))
    if draw.random() < 0.25:
        found["average"] = draw.choice(({"kind": "ema"}, {"kind": "swa", "begin": 0.3}))
    if draw.random() < 0.25:
        found |= {"member": draw.randrange(1, 4), "resample": {"kind": draw.choice(("whole", "bagging", "k_fold"))}}
    if data["kind"] == "digits" and draw.random() < 0.5:
        found["augment"] = draw.sample(
            [{"kind": "crop", "padding": 1}, {"kind": "flip"}, {"kind": "cutout", "side": 3}], 2
        )
    if not flat and draw.random() < 0.5:
        found["normalise"] = draw.choice(("channels", "mean_picture"))
    return found


def _data(draw: random.Random) -> Plain:
    rest = draw.random()
    if rest < 0.06:
        return {"kind": draw.choice(("digits", "ag_news_lite", "cola_lite"))}
    test = draw.choice((0.25, 0.25, 0.5, 0))
    return {"kind": draw.choice(PLANES), "n": draw.randint(24, 60), "noise": 0.2, "test_share": test}


def _net(draw: random.Random, flat: bool) -> Plain:
    hidden = [draw.randint(1, 5) for _ in range(draw.choice((0, 1, 1, 2, 3)))]
    net: Plain = {"hidden": hidden, "output_scale": draw.choice((0, 1)), "first_weights": "fan_in"}
    if flat and draw.random() < 0.25:
        return net | {"wiring": "dag", "hidden": hidden[:1], "bias": draw.random() < 0.8}
    net["activation"] = draw.choice(("relu", "relu", "leaky_relu", "tanh"))
    if draw.random() < 0.2:
        net["dropout"] = 0.3
    return net | {"first_weights": draw.choice(("fan_in", "uniform"))}


def _loss(draw: random.Random) -> Any:
    smoothed = {"kind": "cross_entropy", "label_smoothing": 0.1, "smoothing_over": draw.choice(("others", "all"))}
    return draw.choice(("cross_entropy", "cross_entropy", "mse", smoothed))


def _optimizer(draw: random.Random) -> Plain:
    kinds = ("sgd", "momentum", "adam", "nudged")
    found: Plain = {"kind": draw.choice(kinds), "lr": draw.choice((0.01, 0.1, 0.3))}
    if found["kind"] == "momentum":
        found["nesterov"] = draw.random() < 0.5
    if found["kind"] == "nudged":
        found |= {"k": draw.choice((0, 1, 3)), "every": draw.choice((None, 4)), "points": 20}
        found |= {"momentum": draw.choice((0, 0.8)), "corrects": draw.choice(("gradient", "velocity"))}
        found |= draw.choice(({"auto": True}, {"gamma": 0.3}, {"gamma": 1}))
    if draw.random() < 0.3:
        found["weight_decay"] = 0.01
    return found


def _stop(draw: random.Random, epochs: int) -> Plain:
    found: Plain = {"epochs": epochs}
    if draw.random() < 0.25:
        then = draw.choice(("pause", "stop"))
        found["plateau"] = {"patience": draw.randint(1, 5), "min_delta": draw.choice((0.01, 0.5)), "then": then}
    if draw.random() < 0.15:
        found["train_loss"] = draw.choice((0.2, 0.5))
    if draw.random() < 0.15:
        found["train_accuracy"] = draw.choice((0.7, 0.95))
    if draw.random() < 0.5:
        found["early_stop"] = {
            "on": draw.choice(WATCHED),
            "patience": draw.randint(1, 4),
            "min_delta": draw.choice((0, 0.05)),
            "restore": draw.choice(("best", "best", "none")),
        }
    return found


def _rule(draw: random.Random, dag: bool) -> Plain:
    if dag:
        return {"kind": "random_insertion", "count": draw.choice((1, 2)), "match": 2}
    return {"kind": draw.choice(CHAIN_RULES)}


def _growth(draw: random.Random, epochs: int, dag: bool) -> Plain:
    if draw.random() < 0.5:
        return {}
    watch = {"patience": draw.randint(2, 4), "min_delta": draw.choice((0.05, 0.9)), "births": 2}
    schedule = draw.choice((
        {"kind": "by_hand"},
        {"kind": "periodic", "start": draw.randint(0, 3), "every": draw.randint(1, 3), "births": draw.randint(1, 3)},
        {"kind": "at_epochs", "epochs": [1, 2], "counts": [1, 2]},
        {"kind": "on_plateau", **watch},
        {"kind": "until_accuracy", "accuracy": 0.8, "then": draw.choice(("go_on", "pause", "stop")), **watch},
    ))  # fmt: skip
    found: Plain = {"rule": _rule(draw, dag), "schedule": schedule}
    if draw.random() < 0.3 and not dag:
        found["repair"] = {"by": draw.choice(("bias_shift", "batch_norm")), "above": 0.3}
    if draw.random() < 0.3 and not dag:
        found["deepen"] = {"rule": {"kind": "identity_layer"}, "below": 0.5}
    return found


def _probes(draw: random.Random, flat: bool) -> list[Plain]:
    every = draw.choice((1, 2, 3))
    known: list[Plain] = [
        {"kind": "curvature", "every": every, "k": 2},
        {"kind": "slice", "every": every, "points": 7},
        {"kind": "traces", "every": every, "draws": 3},
        {"kind": "density", "every": every, "steps": 5, "runs": 2},
        {"kind": "noise", "every": every, "k": 2, "draws": draw.choice((0, 3))},
        {"kind": "memorisation", "every": every, "iterations": 3, "within_data": draw.random() < 0.5},
        {"kind": "sharpness", "every": every, "ascent": 3, "draws": 3},
        {"kind": "directions", "every": every, "k": 2},
        {"kind": "terms"},
        {"kind": "layer_gradients", "every": every},
        {"kind": "tunnel", "every": every, "draws": 2, "scale": draw.choice(("filter", "unit"))},
        {"kind": "saddle", "every": every, "steps": 5, "runs": 2},
        {"kind": "topology", "every": every, "side": 7, "axes": draw.choice(("random", "sharpest"))},
    ]
    if not flat:
        known = [known[0], {"kind": "novelty", "every": every, "buckets": draw.choice((2, 5))}]
    return [{"kind": "frame"}, *draw.sample(known, draw.randint(0, 2))]


def _lr_schedule(draw: random.Random, epochs: int) -> Plain:
    known: list[Plain] = [
        {"kind": "constant"},
        {"kind": "step", "gamma": 0.5, "every": draw.randint(1, 3)},
        {"kind": "cosine"},
        {"kind": "sgdr", "cycle": draw.randint(1, 3), "factor": draw.choice((1, 2))},
        {"kind": "snapshot", "cycles": draw.randint(1, 4)},
        {"kind": "fast_geometric", "cycle": draw.randint(1, 3)},
    ]
    warm = {"kind": "warm_up", "epochs": min(epochs, draw.choice((0.5, 1, 2.5))), "then": draw.choice(known)}
    return draw.choice([known[0], *known, warm])


def _batch_schedule(draw: random.Random) -> Plain:
    step = {"kind": "step", "every": draw.randint(1, 4), "factor": draw.choice((1.5, 2, 4))}
    return draw.choice(({"kind": "constant"}, {"kind": "constant"}, step))


def _commands(draw: random.Random, epochs: int, dag: bool) -> list[Plain]:
    found = []
    for step in sorted(draw.randint(0, epochs * 5) for _ in range(draw.randint(1, 5))):
        command = command_of(draw, epochs, dag)
        found.append({"step": step, "command": command})
        if command["kind"] in ("pause", "step"):
            found.append({"step": step, "command": {"kind": "play"}})
    return found


def command_of(draw: random.Random, epochs: int, dag: bool) -> Plain:
    """Draw what a person may say to a run."""
    return draw.choice((
        {"kind": "set", "lr": draw.choice((0.02, 0.2)), "weight_decay": draw.choice((None, 0, 0.05))},
        {"kind": "grow", "rule": _rule(draw, dag)},
        {"kind": "grow", "rule": _rule(draw, dag)},
        {"kind": "undo_growth"},
        {"kind": "hill", "sigma": draw.choice((None, 0.5))},
        {"kind": "set_hills", "strength": draw.choice((0, 0.5)), "remove": draw.choice(("none", "last", "all"))},
        {"kind": "preview", "rule": _rule(draw, dag)},
        {"kind": "pause"},
        {"kind": "set_probes", "probes": _probes(draw, True)},
        {"kind": "set_growth", "growth": _growth(draw, epochs, dag)},
        {"kind": "speed", "epochs_per_second": draw.choice((5, None))},
        {"kind": "cadence", "updates": draw.randint(1, 7)},
        {"kind": "spare", "factor": 2},
        {"kind": "step", "n": 1, "unit": draw.choice(("epoch", "update"))},
    ))  # fmt: skip
