"""What probes and growth rules see of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from foldscape.curvature import Eigenpairs, Objective, ProbeSubset, probe_subset
from foldscape.data.base import Split
from foldscape.device import Device
from foldscape.engine.base import Engine
from foldscape.growth.dead import active_share
from foldscape.lazy import lazy
from foldscape.losses import Loss
from foldscape.neighbours.distances import Neighbours
from foldscape.net.mlp import Weights
from foldscape.net.spec import NetSpec
from foldscape.optimizer import Optimizer
from foldscape.optimizer.memory import Blocks
from foldscape.shuffling import Shuffle
from foldscape.terms import Term

PRODUCTS = "sharpest_products"
"""Note of the Hessian products that an optimiser's sharpest directions have taken, (epoch, products in it)."""


@dataclass
class Subject:
    """A run at rest between two updates.

    Attributes:
        split: Its data.
        net: Its weights now, float32.
        units: Lasting id of each hidden unit, one (width,) array a hidden layer.
        seed: Its seed.
        batch: Points a mini-batch.
        loss: Loss to minimise.
        optimizer: What makes it small.
        net_spec: The net at the start.
        shuffle: When the training points get a new order.
        next_unit: First lasting id that no unit has had.
        device: Where it trains, and where a probe or a growth rule that uses torch computes.
        step: Updates done.
        epoch: Epochs done.
        lr: Learning rate now.
        weight_decay: Strength of the weight decay now.
        terms: The gradient terms besides it.
        held: What those hold, where there is no engine to ask.
        objective: The net last measured and its loss on the probe points, so that probes of one moment share them.
        pairs: Its top eigenpairs, if they were found.
        neighbours: The nearest training points of its test points by representation, once they were found.
        engine: Who trains it.
        average: The average of its weights, float64; ``None`` where none is kept, or not yet.
        notes: What probes remember from one measurement to the next; part of the snapshot.
    """

    split: Split
    net: Weights
    units: list[np.ndarray]
    seed: int
    batch: int
    loss: Loss
    optimizer: Optimizer
    net_spec: NetSpec
    shuffle: Shuffle = "epoch"
    next_unit: int = 0
    device: Device = "cpu"
    step: int = 0
    epoch: float = 0.0
    lr: float = 0.0
    weight_decay: float = 0.0
    terms: tuple[Term, ...] = ()
    held: Mapping[str, Blocks] = field(default_factory=dict)
    seq: int = 0
    objective: tuple[Weights, Objective] | None = None
    pairs: Eigenpairs | None = None
    neighbours: dict[str, Neighbours] = field(default_factory=dict)
    engine: Engine | None = None
    average: Weights | None = None
    notes: dict[str, np.ndarray] = field(default_factory=dict)

    def stamp(self) -> dict[str, Any]:
        """Name the next event of this step."""
        self.seq += 1
        return {"step": self.step, "seq": self.seq - 1}

    def held_by_terms(self) -> Mapping[str, Blocks]:
        """Give what the gradient terms hold now, by ``kind.name``."""
        return self.engine.held if self.terms and self.engine else self.held

    @lazy
    def probe_subset(self) -> ProbeSubset:
        """Which training points curvature is measured on: see ``foldscape.curvature.probe_subset``."""
        return probe_subset(len(self.split.train_x))

    def probe_points(self) -> tuple[np.ndarray, np.ndarray]:
        """Give the training points that curvature is measured on."""
        x, y = self.split.train_x, self.split.train_y
        chosen = self.probe_subset
        return (x, y) if chosen.whole else (x[chosen.indices], y[chosen.indices])

    def active_share(self) -> tuple[np.ndarray, ...]:
        """Give the share of training points on which each unit is active, one (width,) float32 array a hidden layer."""
        return active_share(self.net, self.split.train_x)

    @lazy
    def train_columns(self) -> np.ndarray:
        """Training inputs as (d, N), the way the net's passes take them."""
        return self._columns(self.split.train_x)

    @lazy
    def test_columns(self) -> np.ndarray:
        """Test inputs as (d, M)."""
        return self._columns(self.split.test_x)

    @lazy
    def validation_columns(self) -> np.ndarray:
        """Validation inputs as (d, V)."""
        return self._columns(self.split.validation_x)

    def _columns(self, rows: np.ndarray) -> np.ndarray:
        """Give points as columns: float64 and side by side for compiled passes, else a view."""
        return rows.T if self.net.can.read_as == "rows" else np.ascontiguousarray(rows.T, dtype=np.float64)

    @lazy
    def box(self) -> tuple[float, float, float, float]:
        """The square of the plane that is shown: the data and a tenth more around them, (xmin, xmax, ymin, ymax)."""
        return self.split.box
