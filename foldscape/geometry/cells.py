"""The cells of a partition: convex polygons in each of which the net is one affine map."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from foldscape.arrays import Float64Array
from foldscape.geometry.network import Network
from foldscape.lazy import lazy

CELLS_AT_ONCE = 4096  # bounds the memory of the affine maps of a wide layer


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell.

    Attributes:
        index: Its place in `Cells`.
        polygon: Corners, counter-clockwise, (n, 2); some may lie on straight sides.
        area: In squared data units.
        centroid: (2,).
        pattern: 1 for each active unit, layer by layer, (units,).
        affine: Slope of each logit, (K, 2).
        offset: Each logit at the origin, (K,), so that the logits are `affine @ x + offset`.
        winner: Class that wins at the centroid.
    """

    index: int
    polygon: Float64Array
    area: float
    centroid: Float64Array
    pattern: NDArray[np.uint8]
    affine: Float64Array
    offset: Float64Array
    winner: int


@dataclass(frozen=True, eq=False)
class Cells:
    """All cells; polygons in compressed rows: cell c has corners `vertices[indices[offsets[c]:offsets[c + 1]]]`.

    Attributes:
        vertices: Shared corners, (V, 2).
        offsets: (C + 1,).
        indices: Counter-clockwise loops.
        areas: In squared data units, (C,).
        centroids: (C, 2).
        net: The net whose cells they are.
        half: The half-edges between the vertices, where no two folds coincide, as told in `_cut`; else None.
        smallest: Area up to which a cell is rounding, and left out.
    """

    vertices: Float64Array
    offsets: NDArray[np.int64]
    indices: NDArray[np.int32]
    areas: Float64Array
    centroids: Float64Array
    net: Network = field(repr=False)
    half: NDArray[np.int32] | None = field(repr=False)
    smallest: float = field(repr=False)

    def __len__(self) -> int:
        return len(self.areas)

    def __getitem__(self, index: int) -> Cell:
        c = range(len(self))[index]
        return Cell(
            index=c,
            polygon=self.vertices[self.indices[self.offsets[c] : self.offsets[c + 1]]],
            area=float(self.areas[c]),
            centroid=self.centroids[c],
            pattern=self.patterns[c],
            affine=self.affine[c],
            offset=self.offset[c],
            winner=int(self.classes[c]),
        )

    def __iter__(self) -> Iterator[Cell]:
        return (self[c] for c in range(len(self)))

    @property
    def patterns(self) -> NDArray[np.uint8]:
        """1 for each unit active in the cell, layer by layer, (C, units)."""
        return self._maps[0]

    @property
    def affine(self) -> Float64Array:
        """Slopes of the logits in each cell, (C, K, 2)."""
        return self._maps[1]

    @property
    def offset(self) -> Float64Array:
        """Logits of each cell's affine map at the origin, (C, K)."""
        return self._maps[2]

    @lazy
    def _maps(self) -> tuple[NDArray[np.uint8], Float64Array, Float64Array]:
        """Patterns, slopes and offsets: from neighbour to neighbour, or cell by cell where folds coincide."""
        net = self.net
        if self.half is not None:
            from foldscape.geometry._maps import cell_maps  # compiled when it is first asked for

            largest = self._patterns_at(self.centroids[[self.areas.argmax()]])[0]
            found: tuple[NDArray[np.uint8], Float64Array, Float64Array] = cell_maps(
                net.theta, net.sizes, net.slope, net.wide, self.vertices, self.half, self.smallest, largest
            )
            return found
        parts = []
        for start in range(0, len(self), CELLS_AT_ONCE):
            patterns = self._patterns_at(self.centroids[start : start + CELLS_AT_ONCE])
            parts.append((patterns, *affine_maps(net, patterns)))
        patterns, affine, offset = (np.concatenate(part) for part in zip(*parts, strict=True))
        return patterns, affine, offset

    def _patterns_at(self, X: Float64Array) -> NDArray[np.uint8]:
        values = self.net.preactivations(X)[:-1]
        return (np.concatenate([np.empty((len(X), 0)), *values], axis=1) > 0).astype(np.uint8)

    @lazy
    def classes(self) -> NDArray[np.int64]:
        """Class that wins at the centroid, (C,). With one output, class 1 is where it is above 0."""
        winners = np.empty(len(self), np.int64)
        for start in range(0, len(self), CELLS_AT_ONCE):
            out = self.net.preactivations(self.centroids[start : start + CELLS_AT_ONCE])[-1]
            winners[start : start + CELLS_AT_ONCE] = out[:, 0] > 0 if out.shape[1] == 1 else out.argmax(axis=1)
        return winners


def affine_maps(net: Network, patterns: NDArray[np.uint8]) -> tuple[Float64Array, Float64Array]:
    r"""The affine map of the net for given activation patterns.

    .. math:: A_l = diag(s_l) W_l A_{l-1}, \quad c_l = diag(s_l) (W_l c_{l-1} + b_l)

    with s = 1 for active units and the negative slope for the others; no activation after the last layer. A wide layer
    receives the maps of all layers before it, stacked.

    Args:
        net: The net, d inputs and K outputs.
        patterns: (C, units), 1 for active.

    Returns:
        Slopes (C, K, d) and values at the origin (C, K).
    """
    d = net.weights[0].shape[1]
    A = np.broadcast_to(np.eye(d), (len(patterns), d, d))  # (cell, input, unit)
    c = np.zeros((len(patterns), d))
    done = 0
    for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
        s = np.where(patterns[:, done : done + len(b)] > 0, 1.0, net.slope)
        A, c = net.joined(A, _heard(A, W) * s[:, None, :]), net.joined(c, (c @ W.T + b) * s)
        done += len(b)
    W, b = net.weights[-1], net.biases[-1]
    return np.ascontiguousarray(_heard(A, W).transpose(0, 2, 1)), c @ W.T + b


def _heard(A: Float64Array, W: Float64Array) -> Float64Array:
    """Multiply (cells, inputs, fan_in) by a layer: one product of all rows, where numpy would make one a cell."""
    return (A.reshape(-1, A.shape[-1]) @ W.T).reshape(*A.shape[:-1], len(W))
