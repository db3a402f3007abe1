"""Anybody's torch module as it stands under measurement: put in place, run, and left as it was.

``Net`` holds the trained tensors as one flat vector and runs the module with any other vector in their place. Whatever
a measurement does, parameters, buffers, training flags, hooks and optimisers are afterwards the same objects with the
same bits.
"""

from foldscape.modules.net import Net
from foldscape.modules.unwrapping import unwrapped

__all__ = ["Net", "unwrapped"]
