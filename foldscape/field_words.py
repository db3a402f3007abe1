"""What the fields of specs and their values are called on pages: one catalogue, beside ``foldscape.vocabulary``.

A field that is not named here is called by its name with spaces, so a plugin's fields read well without a word here.
"""

from __future__ import annotations

FIELDS = {
    "adversarial": "adversarial training",
    "adaptive_rho": "radius in sizes of parameters",
    "alpha": "share of the cosine (α)",
    "augment": "changed pictures (augmentation)",
    "average": "average of the weights",
    "bagging": "bagging (with replacement)",
    "batch": "batch size",
    "batch_schedule": "batch size schedule",
    "beta1": "β₁",
    "beta2": "β₂",
    "bias_shift.share": "share of data it is on for",
    "checkerboard.k": "squares a side",
    "commands": "scheduled commands",
    "corrupt": "corrupted training points",
    "corrupt.inputs": "share of replaced inputs",
    "corrupt.labels": "share of random labels",
    "corrupt.pixels": "share of permuted pixels",
    "corrupt.replacement": "replaced by",
    "crop": "random crop of a picture with a margin",
    "crop.padding": "margin in pixels",
    "curvature.k": "eigenvalues",
    "cutout": "cut-out square",
    "cutout.side": "side in pixels",
    "directions.k": "directions",
    "noise.k": "directions",
    "deepen": "adding layers",
    "early_stop": "early stopping",
    "ema": "exponential average (EMA)",
    "ema.decay": "decay",
    "epsilon": "ε",
    "every": "every so many",
    "fast_geometric": "fast geometric cycles",
    "fast_geometric.before": "epochs before the first cycle",
    "fast_geometric.cycle": "epochs of a cycle",
    "fast_geometric.highest": "share at the ends of a cycle",
    "fast_geometric.lowest": "share in the middle of a cycle",
    "flip": "left and right swapped",
    "flip.share": "share of the pictures",
    "folder": "folder of pictures",
    "folder.path": "path of the folder",
    "folder.side": "side in pixels",
    "gaussian_blobs.k": "clouds",
    "gamma": "γ",
    "hidden": "hidden layers",
    "hills.at_epochs": "at epochs",
    "hills.every": "every so many epochs",
    "hills.most": "most at once",
    "hills.sigma": "width (σ)",
    "hills.sigma_rel": "width over the recent way",
    "hills.strength": "height (s)",
    "jitter": "noise on the top",
    "init": "first weights",
    "k_fold": "k folds, one left out",
    "k_fold.fold": "part left out",
    "k_fold.of": "parts",
    "lr": "learning rate",
    "lr_min": "lowest learning rate",
    "lr_schedule": "learning rate schedule",
    "member": "member of an ensemble",
    "max_depth": "most layers",
    "max_width": "widest layer",
    "min_delta": "least improvement",
    "memorisation.radius": "radius r",
    "memorisation.searched": "points searched",
    "n": "points",
    "normalise": "normalisation of inputs",
    "nudged.auto": "γ of each direction by its edge",
    "nudged.corrects": "what is nudged",
    "nudged.k": "sharpest directions",
    "nudged.points": "points they are found on",
    "on": "measure",
    "oscillation.k": "directions",
    "oscillation.updates": "coming updates",
    "optimizer": "optimiser",
    "overlap_quadratic.noise": "vertical noise",
    "periodic.every": "every",
    "queue": "workers",
    "repair": "waking dead layers",
    "resample": "training points drawn",
    "residual_scale": "first factor on residuals",
    "resnet.n": "blocks a stage (n)",
    "restore": "net at the end",
    "rho": "radius",
    "rule": "growth rule",
    "schedule": "when to grow",
    "sgdr": "cosine with restarts (SGDR)",
    "sgdr.cycle": "epochs of the first cycle",
    "sgdr.factor": "factor from cycle to cycle",
    "shared": "shared blocks",
    "shuffle": "new order",
    "snapshot": "snapshot cycles",
    "snapshot.cycles": "cycles",
    "start": "start from another run",
    "step.every": "epochs between two steps",
    "step.factor": "factor at a step",
    "step.gamma": "factor at a step",
    "step.largest": "largest batch",
    "stop": "end of the run",
    "swa": "stochastic weight averaging (SWA)",
    "swa.begin": "share of the run before it",
    "swa.every": "epochs between two nets",
    "terms": "gradient terms",
    "test_share": "test share",
    "then": "afterwards",
    "train": "training points",
    "train_accuracy": "training accuracy reached",
    "train_loss": "training loss reached",
    "whole": "all, each once",
    "warm_up": "warm-up",
    "warm_up.epochs": "epochs",
    "warm_up.start": "share at first",
}
"""Titles of fields by their name, or by ``kind.name`` where a name means something else in one kind; kinds too."""

VALUES = {
    "auto": "whichever is faster",
    "channels": "channel by channel",
    "covariance": "Gaussian, their covariance",
    "cpu": "processor (CPU)",
    "cuda": "NVIDIA card (CUDA)",
    "diagonal": "Gaussian, their variances",
    "fan_in": "±1/√fan-in",
    "fgsm": "FGSM",
    "gradmax": "GradMax",
    "gpu": "GPU",
    "leaky_relu": "leaky ReLU",
    "mean_picture": "without the mean picture",
    "newton": "predicted gain (Newton)",
    "pgd": "PGD",
    "pixels": "Gaussian, one variance",
    "relu": "ReLU",
    "shuffled": "their own values, shuffled",
    "train_accuracy": "training accuracy",
    "train_loss": "training loss",
}
"""Words for values of a choice, where they are more than the value with spaces."""


def field_title(name: str, kind: str = "") -> str:
    """Say what a field is called.

    Args:
        name: Its name in a spec.
        kind: The kind that it is a setting of, where it is of one.

    Returns:
        Its title.

    Example:
        >>> field_title("lr_schedule"), field_title("k", "checkerboard"), field_title("label_smoothing")
        ('learning rate schedule', 'squares a side', 'label smoothing')
    """
    return FIELDS.get(f"{kind}.{name}") or FIELDS.get(name) or name.replace("_", " ")


def value_title(value: object) -> str:
    """Say what a value of a choice is called.

    Args:
        value: The value.

    Returns:
        Its words.

    Example:
        >>> value_title("leaky_relu"), value_title("mean_norm"), value_title(-1)
        ('leaky ReLU', 'mean norm', '-1')
    """
    return VALUES.get(str(value)) or str(value).replace("_", " ")
