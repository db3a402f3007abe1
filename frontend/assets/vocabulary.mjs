// Written by `python -m frontend.vocabulary` from foldscape/vocabulary.py: change the words there.

export const CLOCKS = {
  "loss": {
    "equal": "equal training loss",
    "name": "training loss",
    "short": "loss",
    "unit": "nats"
  },
  "updates": {
    "equal": "equal updates",
    "name": "updates",
    "short": "updates",
    "unit": "updates"
  },
  "epochs": {
    "equal": "equal epochs",
    "name": "epochs",
    "short": "epochs",
    "unit": "epochs"
  },
  "flops": {
    "equal": "equal compute",
    "name": "compute",
    "short": "compute",
    "unit": "FLOPs"
  },
  "seconds": {
    "equal": "equal wall time",
    "name": "wall time",
    "short": "time",
    "unit": "s"
  },
  "neurons": {
    "equal": "equal neurons",
    "name": "neurons",
    "short": "neurons",
    "unit": "neurons"
  }
};

export const PARTS = {
  "train": "training",
  "validation": "validation",
  "test": "test"
};

export const STATES = {
  "queued": "queued",
  "running": "running",
  "paused": "paused",
  "done": "done",
  "stopped": "stopped",
  "failed": "failed",
  "lost": "lost"
};

export const METHODS = {
  "grown": "grown",
  "fixed": "fixed"
};

export const ACTIONS = {
  "add": "add this neuron",
  "own_fold": "my fold",
  "undo": "undo",
  "fork": "fork from this moment",
  "reproduce": "Reproduce this run",
  "maximum_speed": "maximum speed",
  "preview": "best fold: preview, then place",
  "step_back": "one step back",
  "step_forward": "one step forward",
  "previous_birth": "previous birth",
  "next_birth": "next birth"
};

export const KEPT_LIMIT = 1e-06;

export const GRANULARITIES = [
  "none",
  "tensor",
  "layer",
  "block",
  "element"
];

export const GROWTH_TIMES = {
  "by_hand": "by hand",
  "periodic": "every n epochs",
  "on_plateau": "on every plateau",
  "until_accuracy": "until an accuracy"
};

export const RULES = {
  "batch_norm": "batch norm",
  "bias_shift": "raise biases",
  "firefly": "Firefly",
  "folding": "best fold",
  "gradmax": "GradMax",
  "identity_layer": "identity layer (Net2Net deeper)",
  "line": "fold along a line",
  "net2wider": "Net2Net wider",
  "north": "NORTH*",
  "random_direction": "random unit",
  "random_insertion": "random insertion",
  "register_layers": "one unit a layer",
  "split_layer": "split a layer in two",
  "splitting": "splitting steepest descent",
  "tiny": "TINY"
};

export const FIELDS = {
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
  "warm_up.start": "share at first"
};

export const VALUES = {
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
  "train_loss": "training loss"
};
