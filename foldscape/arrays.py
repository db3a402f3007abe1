"""The kinds of numpy arrays that annotations name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BoolArray = NDArray[np.bool_]
Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
FloatArray = NDArray[np.floating]
"""Single or double precision."""
Int32Array = NDArray[np.int32]
Int64Array = NDArray[np.int64]
Indices = NDArray[np.int64]
"""Places of some points among others, (m,)."""
Labels = NDArray[np.int64]
"""The class of each sample, (N,)."""
Vector = NDArray[np.float64]
"""One number a parameter, (P,), or a few of one direction."""
