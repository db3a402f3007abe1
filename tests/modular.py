"""Small nets of blocks, and small runs of them on digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import TypeAdapter

from foldscape.net.modular import ModularNet
from foldscape.net.spec import any_net
from foldscape.spec import RunSpec

RESNET = {"wiring": "resnet", "n": 1, "width": 4}
CNN = {"wiring": "cnn", "channels": [4, 6]}
BLOCK_NETS: dict[str, dict[str, Any]] = {
    "resnet": RESNET,
    "resnet-b-group": RESNET | {"shortcut": "B", "norm": "group"},
    "resnet-2-bare": RESNET | {"n": 2, "norm": "none"},
    "resnet-shared": RESNET | {"n": 2, "shared": "weights"},
    "res-mlp": {"wiring": "res_mlp"},
    "cnn": CNN,
    "cnn-flat-batch": CNN | {"head": "flatten", "norm": "batch", "pool": [True]},
}


def block_net(net: dict[str, Any], seed: int = 0) -> ModularNet:
    """Draw a net for pictures of 8×8 pixels whose norms and statistics are no longer those of the beginning."""
    rng = np.random.default_rng(seed)
    first = TypeAdapter(any_net()).validate_python(net).first_on((1, 8, 8), 10, rng)
    moved = [part + 0.2 * rng.normal(size=part.shape).astype(part.dtype) for part in first.flat()]
    kept = [part + rng.uniform(size=part.shape).astype(part.dtype) for part in first.buffers]
    return first.with_flat(moved).with_buffers(kept)


def digits_run(net: dict[str, Any], **given: Any) -> RunSpec:
    """Give a short run on 180 training points."""
    plain = {"data": {"kind": "digits", "test_share": 0.9}, "net": net, "batch": 32, "stop": {"epochs": 2}}
    return RunSpec.model_validate(plain | {"probes": [{"kind": "frame"}]} | given)
