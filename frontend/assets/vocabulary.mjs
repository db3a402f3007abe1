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
