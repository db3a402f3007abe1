"""How far SGD is a stochastic differential equation: chains of SGD beside the formulas (docs/sde.md)."""

from foldscape.studies.sde.spec import Cloud, Sde, SdeRow, WellDensity

__all__ = ["Cloud", "Sde", "SdeRow", "WellDensity"]
