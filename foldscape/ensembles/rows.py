"""What the rows of an ensemble hold, without what measures it: the server and the tables read them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields

MEMBERS, ADDED, PAIR, IN_WEIGHTS, BOUNDARY = "members", "added", "pair", "mean_weights", "boundary"
"""Keys of rows, the second, third and last followed by which."""


@dataclass(frozen=True)
class PairDistance:
    """Two members held against each other; NaN is what means nothing of them.

    Attributes:
        distance: Euclidean distance of their parameters; NaN where they do not share a parameter space.
        disagreement: Share of the test points on which their likeliest classes differ.
        error_correlation: Correlation over the test points of being wrong; NaN where one is never or always wrong.
        barrier: Height of the training loss on the straight line between them above the line between its ends, in
            units of the loss; NaN where they do not share a parameter space.
        cell_distance: Share of (test point, unit) pairs whose activation differs; NaN where widths differ or an
            activation is smooth.
    """

    distance: float
    disagreement: float
    error_correlation: float
    barrier: float
    cell_distance: float

    def plain(self) -> dict[str, float]:
        """Give the numbers by name."""
        return asdict(self)


PAIRWISE = tuple(field.name for field in fields(PairDistance))
"""Names of the pairwise measures."""
