"""What cannot be asked of hills, schedules, draws, nudged SGD and probes: the field, a spec, words of the way out.

Each is refused by Python, the command line, the form and the API alike.
"""

HILLS = {"kind": "hills"}
TINY = {"data": {"kind": "xor", "n": 8}, "batch": 1, "seed": 8}
TEN = {"stop": {"epochs": 10}}
LINEAR = {"data": {"kind": "moons", "n": 60}, "net": {"hidden": []}}
BAD_INPUT = (
    ("terms.0.sigma", {"terms": [HILLS | {"sigma": 0}]}, "greater than 0"),
    ("terms.0.sigma_rel", {"terms": [HILLS | {"sigma_rel": 0}]}, "greater than 0"),
    ("terms.0.strength", {"terms": [HILLS | {"strength": -1}]}, "at least 0"),
    ("terms.0.most", {"terms": [HILLS | {"most": 65}]}, "at most 64"),
    ("terms.0.at_epochs", {"terms": [HILLS | {"at_epochs": [1, 2, 3], "most": 2}]}, "set most to 3"),
    ("terms.0.at_epochs", {"terms": [HILLS | {"at_epochs": [11]}], **TEN}, "or train longer"),
    ("terms.0.at_epochs", {"terms": [HILLS | {"at_epochs": [0]}]}, "from 1 on"),
    ("terms.0.every", {"terms": [HILLS | {"every": 11}], **TEN}, "set every lower"),
    ("terms.0.scope", {"terms": [HILLS | {"kernel": "function", "scope": "weights"}]}, "takes all"),
    ("commands.0.command.sigma", {"commands": [{"step": 0, "command": {"kind": "hill", "sigma": 0}}]}, "than 0"),
    ("lr_schedule.lr_min", {"lr_schedule": {"kind": "cosine", "epochs": 5}, **TEN}, "or epochs to null"),
    ("lr_schedule.cycles", {"lr_schedule": {"kind": "snapshot", "cycles": 50}, **TEN, **TINY}, "stop.epochs higher"),
    ("lr_schedule.cycle", {"lr_schedule": {"kind": "fast_geometric", "cycle": 50}, **TEN}, "stop.epochs higher"),
    ("average.begin", {"average": {"kind": "swa", "begin": 1}}, "less than 1"),
    ("average.every", {"average": {"kind": "swa", "begin": 0.9, "every": 20}, **TEN}, "lower"),
    ("average.decay", {"average": {"kind": "ema", "decay": 1}}, "less than 1"),
    ("corrupt.labels", {"corrupt": {"labels": 1.5}}, "at most 1"),
    ("corrupt.inputs", {"corrupt": {"inputs": -0.1}}, "at least 0"),
    ("corrupt.pixels", {"corrupt": {"pixels": float("nan")}}, "a finite number"),
    ("validation_share", TINY | {"validation_share": 0.1}, "or 0"),
    ("validation_share", TINY | {"validation_share": 0.34}, "or 0"),
    ("resample.of", {"resample": {"kind": "k_fold", "of": 1}}, "at least 2"),
    ("resample.of", TINY | {"resample": {"kind": "k_fold", "of": 7}}, "use 6 or less"),
    ("resample.fold", {"resample": {"kind": "k_fold", "of": 3, "fold": 3}}, "use 2 or less"),
    ("resample", TINY | {"resample": {"kind": "k_fold", "of": 6}, "member": 0}, "or whole"),
    ("optimizer.gamma", {"optimizer": {"kind": "nudged", "gamma": -1}}, "at least 0"),
    ("optimizer.k", LINEAR | {"optimizer": {"kind": "nudged", "k": 7}}, "use 6 or less"),
    ("optimizer.k", {"optimizer": {"kind": "nudged", "k": 21}}, "at most 20"),
    ("probes.0.radius", {"probes": [{"kind": "memorisation", "radius": -1}]}, "at least 0"),
    ("probes.0.radius", {"probes": [{"kind": "critical_region", "radius": 0}]}, "greater than 0"),
    ("probes.0.draws", {"probes": [{"kind": "tunnel", "draws": 0}]}, "at least 1"),
    ("probes.0.kind", {"probes": [{"kind": "novelty"}]}, "use digits, pictures or texts"),
    ("probes.0.kind", {"probes": [{"kind": "iterative"}]}, "use wiring res_mlp or resnet"),
    ("probes.0.updates", {"probes": [{"kind": "oscillation", "updates": 1}]}, "at least 2"),
)  # fmt: skip
"""Path, spec, words."""
