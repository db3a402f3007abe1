"""What a measurement costs, foreseen from the sizes of net and data; calibrated on one core of a 2020s server."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

MOST_POINTS = 2000
"""Points that curvature is measured on, at most; see ``foldscape.curvature.subset``."""


@dataclass(frozen=True)
class MeasuringCost:
    """Seconds a point that measuring takes.

    Attributes:
        pass_unit: A forward pass, of a unit.
        pass_weight: A forward pass, of a weight.
        product_unit: A Hessian-vector product, of a unit.
        product_weight: A Hessian-vector product, of a weight.
        whole_unit: Loss, accuracy and gradient, of a unit.
        whole_weight: Loss, accuracy and gradient, of a weight.
    """

    pass_unit: float
    pass_weight: float
    product_unit: float
    product_weight: float
    whole_unit: float
    whole_weight: float


OF_CHAINS = MeasuringCost(8e-9, 5e-11, 4e-9, 1.6e-10, 8e-9, 6e-11)
OF_MODULES = MeasuringCost(8e-10, 1.2e-11, 1e-8, 2e-10, 4e-9, 5e-11)
"""What torch computes: a unit is a number that a layer with weights makes of a sample."""


@dataclass(frozen=True)
class Size:
    """A net and the points it is measured on.

    Attributes:
        parameters: Weights that a sample is multiplied by on its way forward: the parameters P of a chain.
        units: Hidden and output units.
        points: Training points N in all.
        features: Inputs.
        cost: What measuring a point takes.
    """

    parameters: int
    units: int
    points: int
    features: int = 0
    cost: MeasuringCost = OF_CHAINS

    @classmethod
    def of(cls, widths: tuple[int, ...], points: int) -> Size:
        """Take the widths of all layers, inputs first and classes last."""
        parameters = sum((before + 1) * after for before, after in pairwise(widths))
        return cls(parameters, sum(widths[1:]), points, widths[0])

    @property
    def pass_seconds(self) -> float:
        """One forward pass through the points measured on."""
        points = min(self.points, MOST_POINTS)
        return 5e-6 + points * (self.cost.pass_unit * self.units + self.cost.pass_weight * self.parameters)

    @property
    def product_seconds(self) -> float:
        """One Hessian-vector product on them."""
        points = min(self.points, MOST_POINTS)
        return 5e-6 + points * (self.cost.product_unit * self.units + self.cost.product_weight * self.parameters)

    @property
    def whole_seconds(self) -> float:
        """Losses, accuracies and gradient on all training points."""
        of_net = self.cost.whole_unit * self.units + self.cost.whole_weight * self.parameters
        return 5e-6 + self.points * (2e-9 * self.features + of_net)


@dataclass(frozen=True)
class Work:
    """What one measurement does.

    Attributes:
        products: Hessian-vector products.
        passes: Forward passes through the points measured on.
        seconds: What depends on neither.
        wholes: As much as losses, accuracies and gradient on all training points.
    """

    products: float = 0
    passes: float = 0
    seconds: float = 0
    wholes: float = 0

    def __add__(self, other: Work) -> Work:
        """Do both."""
        return Work(
            self.products + other.products,
            self.passes + other.passes,
            self.seconds + other.seconds,
            self.wholes + other.wholes,
        )

    def on(self, size: Size) -> float:
        """Give the seconds that this takes."""
        measured = self.products * size.product_seconds + self.passes * size.pass_seconds
        return measured + self.wholes * size.whole_seconds + self.seconds


def search(k: int = 1) -> Work:
    """Find the k eigenpairs of one end of a spectrum."""
    return Work(products=8 + 4 * (k - 1), seconds=8e-4)


WHOLE_UP_TO = 100
"""Parameters up to which one whole Hessian is quicker than five searches; on 2,000 samples it takes as long."""
AT_ONCE = 0.35
"""Time of one product among many beside that of one alone."""


def flatness_work(parameters: int, granularities: int) -> Work:
    """Find the largest curvature in so many granularities; a tiny net has its whole Hessian made for all of them."""
    if not granularities:
        return Work()
    if parameters <= WHOLE_UP_TO:
        return Work(products=AT_ONCE * parameters, seconds=8e-4)
    return sum((search() for _ in range(granularities)), Work())
