"""The engine of nets that are graphs: compiled, on one processor, without the GIL."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt

from foldscape.arrays import Float32Array, Int64Array
from foldscape.engine.base import Memory, RatePerUpdate
from foldscape.engine.dag import kernels
from foldscape.engine.flat import FlatEngine
from foldscape.engine.kernels_lanes import LANES
from foldscape.engine.kernels_update import AGE, THETA
from foldscape.engine.pushing import Push
from foldscape.engine.rule import Rule
from foldscape.losses import Form, Loss, loss_of
from foldscape.net.dag import Dag
from foldscape.net.graph import Graph
from foldscape.net.mlp import Weights
from foldscape.optimizer import SGD, Optimizer
from foldscape.terms import Term
from foldscape.terms.held import terms_begun

if TYPE_CHECKING:
    from collections.abc import Sequence

    from foldscape.data.base import Split
    from foldscape.spec import RunSpec


class Layout:
    """Where the edges of a graph lie in the flat arrays of the kernel.

    Args:
        graph: The graph.
    """

    def __init__(self, graph: Graph) -> None:
        sizes = np.array([*graph.widths, graph.n_outputs], np.int64)
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        nodes, inputs = self.starts[-1], graph.n_inputs
        lengths = sizes * self.starts[:-1]
        self.blocks = (nodes * (inputs + 1) + np.concatenate([[0], np.cumsum(lengths)])).astype(np.int64)
        self.index = self._places(graph, nodes, inputs)
        self.width = -(-int(self.blocks[-1]) // LANES) * LANES
        self.present = np.zeros(self.width, np.float32)
        self.present[self.index] = 1

    def _places(self, graph: Graph, nodes: int, inputs: int) -> Int64Array:
        rows, columns = graph.rows, graph.columns
        layers = np.searchsorted(self.starts, rows, side="right") - 1
        first = self.starts[layers]
        inner = self.blocks[layers] + (rows - first) * first + columns - inputs
        places: Int64Array = np.where(columns >= inputs, inner, rows * inputs + columns)
        return np.where(columns < 0, nodes * inputs + rows, places)

    def split(self, row: Float32Array) -> tuple[Float32Array, ...]:
        """Give of a flat row the edges' entries, as ``Weights.flat`` has them."""
        return (row[self.index],)

    def join(self, parts: Sequence[npt.NDArray[np.floating]], row: Float32Array) -> None:
        """Write the edges' entries into a flat row."""
        row[self.index] = parts[0]

    def spans(self, chosen: Sequence[int]) -> list[tuple[int, int]]:
        """Give where some of the arrays of ``Weights.flat`` lie in a flat row: there is but one."""
        return [(0, self.width)] if chosen else []


class DagEngine(FlatEngine[Layout]):
    """Mini-batch training of a net that is a graph.

    Args:
        net: The net to start from.
        optimizer: How it learns.
        x: (N, features) training points, float32.
        y: (N,) their classes.
        batch: Points a batch; the last of an epoch may have fewer.
        loss: Loss to minimise, of a form that compiled code knows.
        terms: What is added to its gradient, of the kinds that compiled code carries out.
    """

    def __init__(
        self, net: Dag, optimizer: Optimizer, x: np.ndarray, y: np.ndarray, batch: int,
        loss: str | Loss = "cross_entropy", terms: Sequence[Term] = (),
    ) -> None:  # fmt: skip
        self.lr = optimizer.lr
        self.weight_decay = optimizer.weight_decay
        self.step = 0
        self._rule = Rule(optimizer)
        self._push = Push(terms)
        self._x = np.ascontiguousarray(x, np.float32)
        self._y = np.ascontiguousarray(y, np.int64)
        self._order = np.arange(len(y))
        is_tanh, loss = net.activation == "tanh", loss_of(loss)
        self._sizes = np.array([batch, self._rule.number, is_tanh, True, loss.form is Form.SQUARED], np.int64)
        self._targets = np.array(loss.targets(net.graph.n_outputs), np.float32)
        self.load(net, None)

    @property
    def weights(self) -> Dag:
        """A copy of the present parameters."""
        return self._net.with_weight(self._layout.split(self._state[THETA])[0])

    def load(self, weights: Weights, memory: Memory | None) -> None:
        """Replace parameters, edges and memory."""
        net = cast(Dag, weights)  # a run's net is a graph from its beginning to its end
        self._net, layout = net, Layout(net.graph)
        self._layout, self._state = layout, self._rule.state(layout, memory)
        layout.join(net.flat(), self._state[THETA])
        self._push.hold(terms_begun(self.terms, tuple(net.flat())) if memory is None else memory.terms, layout)
        ages = self._state[AGE, layout.index]
        self._state[AGE] = ages[0]  # where there is no edge, any age will do
        layout.join((ages,), self._state[AGE])
        self._sizes[kernels.SAME_AGE] = (ages == ages[0]).all()

    def begin_epoch(self, order: np.ndarray, batch: int | None = None, epoch: int = 0) -> None:
        """Set the order of the coming batches."""
        del epoch
        self._sizes[kernels.BATCH] = batch or self._sizes[kernels.BATCH]
        self._order = np.ascontiguousarray(order, np.int64)

    def train(self, first_batch: int, updates: int, rates: RatePerUpdate | None = None) -> None:
        """Do so many updates from a batch of the present epoch on, each at its own of the rates."""
        slope = self._net.negative_slope if self._net.activation == "leaky_relu" else 0
        now = self._rule.rates_now(self.lr if rates is None else rates, self.weight_decay, slope)
        kernels.train(
            self._layout.starts, self._layout.blocks, self._state, self._layout.present, self._rule.table,
            self._sizes, now, *self._push.arrays, self._targets, self._x, self._y, self._order, first_batch, updates,
        )  # fmt: skip


def engine_of(net: Dag, spec: RunSpec, split: Split) -> DagEngine:
    """Give the engine of a run; see ``foldscape.engine.choose.engine_for``."""
    return DagEngine(net, spec.optimizer, split.train_x, split.train_y, spec.batch, spec.loss, spec.other_terms)


def warm() -> None:
    """Compile the kernel, or fetch it from the cache on disk. Call it when a worker starts."""
    layers = Weights((np.zeros((2, 2), np.float32),), (np.zeros(2, np.float32),))
    points = np.zeros((2, 2), np.float32), np.zeros(2, np.int64)
    DagEngine(Dag.of_layers(layers), SGD(), *points, batch=2).train(0, 1)
