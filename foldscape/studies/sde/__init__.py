"""How far SGD is a stochastic differential equation: chains of SGD beside the formulas (docs/sde.md)."""

from foldscape.studies.sde.spec import Cloud, Density, Sde, SdeRow

__all__ = ["Cloud", "Density", "Sde", "SdeRow"]
