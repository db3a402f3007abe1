"""What a net has learned by heart: points near which its answer changes, and what single points do to the loss."""

from foldscape.memorisation.critical import CriticalPoints, critical_points, critical_ratios
from foldscape.memorisation.sensitivity import gini, sensitivity

__all__ = ["CriticalPoints", "critical_points", "critical_ratios", "gini", "sensitivity"]
