"""The topology of a loss surface: how deep its basins are, and how rough it is, by persistence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import ArrayLike

from foldscape.arrays import BoolArray, Float64Array, Int64Array
from foldscape.errors import InvalidInput
from foldscape.landscape.merging import MergeTree, homes, merge_tree
from foldscape.landscape.surface import Surface

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SHALLOW = 0.01
"""Basins count by default that are as deep as this share of the way from the lowest loss to the median one."""
ROUNDING = 1e-6
"""Error of a cell's loss as a share of it: cells are measured and kept in single precision."""


@dataclass(frozen=True)
class Hills:
    """Hills inside of a plane: rings of low loss that close around them, and fill at the top.

    Attributes:
        top: (k,) each hill's highest cell, counted row by row; a wall where walls are inside.
        birth: (k,) the loss at which a ring closes around it.
        death: (k,) the loss at the top; infinite around cells without a finite loss.
    """

    top: Int64Array
    birth: Float64Array
    death: Float64Array


@dataclass(frozen=True)
class Topology:
    """Basins and hills of a surface, deepest basin first.

    Attributes:
        losses: (rows, columns) what was looked at, nats; a line has one row.
        tree: Where basins begin and end, and which takes in which.
        hills: Rings of low loss and what they surround; none on a line.
    """

    losses: Float64Array
    tree: MergeTree
    hills: Hills

    @property
    def persistence(self) -> Float64Array:
        """How far each basin's saddle lies above its lowest cell, nats, (m,); infinite for one that none takes in."""
        return self.tree.death - self.tree.birth

    @property
    def roughness(self) -> float:
        """Sum of all finite persistences of basins, nats: 0 where all ways lead down to one place."""
        finite = self.persistence[np.isfinite(self.persistence)]
        return float(finite.sum())

    @property
    def walls(self) -> int:
        """Cells without a finite loss, through which no way leads."""
        return int((~np.isfinite(self.losses)).sum())

    @property
    def threshold(self) -> float:
        """A hundredth of how far the median loss lies above the lowest: what is less deep is no basin to speak of.

        The highest losses, which stand at the edge and grow with the range that is looked at, play no part in it.
        """
        finite = self.losses[np.isfinite(self.losses)]
        return SHALLOW * float(np.median(finite) - finite.min())

    @property
    def at_edge(self) -> BoolArray:
        """Whether each basin's lowest cell lies at the edge, so that it may go on beyond, (m,)."""
        sides = [self._at_end(place, count) for place, count in self._places() if count > 1]
        return np.logical_or.reduce(sides) if sides else np.zeros(len(self.tree.lowest), bool)

    def count(self, depth: float = 0.0) -> int:
        """Count the basins that are at least so deep.

        Args:
            depth: Least persistence, nats.

        Returns:
            How many; at least one.
        """
        return int((self.persistence >= depth).sum())

    def basins(self, depth: float = 0.0) -> Int64Array:
        """Give the basin of each cell when those that are less deep belong to the ones that take them in.

        Args:
            depth: Least persistence, nats.

        Returns:
            (rows, columns) numbers of basins, 0 the deepest; -1 for walls.
        """
        home = np.append(homes(self.persistence >= depth, self.tree.parent), -1)
        return np.asarray(home[self.tree.labels])

    def figure(self) -> Figure:
        """Draw the persistence diagram: a mark for each basin and hill, the further from the diagonal the deeper."""
        from foldscape.landscape.topology_figure import diagram

        return diagram(self)

    def _places(self) -> list[tuple[Int64Array, int]]:
        rows, columns = self.losses.shape
        row, column = np.divmod(self.tree.lowest, columns)
        return [(row, rows), (column, columns)]

    @staticmethod
    def _at_end(place: Int64Array, count: int) -> BoolArray:
        return np.asarray((place == 0) | (place == count - 1))


def topology(
    surface: Surface | ArrayLike,
    of: Literal["train_loss", "test_loss"] = "train_loss",
    *,
    relative_error: float = 0.0,
) -> Topology:
    """Find basins and hills of a loss surface by the persistence of its sub-level sets.

    A basin is a connected set of cells below a rising level; it is as deep, or persistent, as the level rises between
    its lowest cell and the saddle where an older basin takes it in (Edelsbrunner, Letscher & Zomorodian 2002). A cell
    has up to eight neighbours (``gudhi.CubicalComplex`` of top-dimensional cells); with four each oblique valley would
    be a row of basins, and one much narrower than a cell still is. No basin becomes deeper or less deep by more than
    twice the largest change of a loss (Cohen-Steiner, Edelsbrunner & Harer 2007).

    Args:
        surface: A finished plane, an array (rows, columns), or (points,) along a line. Cells that are not finite are
            walls.
        of: Which losses of a ``Surface``.
        relative_error: Error of a loss as a share of it, as 1e-6 of planes in single precision; basins and hills that
            could be rounding are left out.

    Returns:
        Basins, the tree in which they merge, hills.

    Raises:
        InvalidInput: If cells are not measured yet, none is finite, or it is no plane or line.

    Example:
        >>> x = np.linspace(-1.5, 1.5, 31)
        >>> wells = (x**2 - 1) ** 2
        >>> found = topology(wells + x[:, None] ** 2)
        >>> found.count(), found.tree.parent, found.persistence
        (2, array([-1,  0]), array([inf,  1.]))
    """
    losses = _grid(surface, of)
    tree = merge_tree(losses, relative_error)
    return Topology(losses, tree, _hills(losses, relative_error))


def _grid(surface: Surface | ArrayLike, of: str) -> Float64Array:
    if isinstance(surface, Surface):
        if not surface.known.all():
            raise InvalidInput(
                f"{int((~surface.known).sum()):,} of {surface.known.size:,} cells are not measured yet.",
                hint="Fill the plane first, or give one of its coarser looks as an array.",
            )
        surface = getattr(surface, of)
    losses = np.atleast_2d(np.asarray(surface, np.float64))
    if losses.ndim != 2 or not losses.size:
        raise InvalidInput(
            f"Losses of shape {losses.shape} are no plane and no line.", hint="Give (rows, columns) or (points,)."
        )
    if not np.isfinite(losses).any():
        raise InvalidInput("No cell has a finite loss.", hint="Look at a smaller range, or at other points.")
    return losses


def _hills(losses: Float64Array, relative_error: float) -> Hills:
    """Give the pairs of dimension one, which is all that the tree does not know."""
    if min(losses.shape) < 3:
        return Hills(np.zeros(0, np.int64), np.zeros(0), np.zeros(0))
    from gudhi import CubicalComplex

    heights = np.where(np.isfinite(losses), losses, np.inf)
    cells = CubicalComplex(top_dimensional_cells=heights)
    cells.compute_persistence()
    paired, _ = cells.cofaces_of_persistence_pairs()
    rings = paired[1] if len(paired) > 1 else np.zeros((0, 2), np.int64)
    ring, top = np.ravel_multi_index(
        np.unravel_index(rings, losses.shape, order="F"), losses.shape
    ).T  # column by column
    birth, death = heights.ravel()[ring], heights.ravel()[top]
    with np.errstate(invalid="ignore"):
        kept = death - birth > 2 * relative_error * np.abs(np.where(np.isfinite(death), death, birth))
    kept = np.flatnonzero(kept)
    kept = kept[np.argsort(-(death - birth)[kept], kind="stable")]
    return Hills(np.asarray(top[kept], np.int64), birth[kept], death[kept])
