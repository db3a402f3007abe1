"""How the pictures of an update are changed before the net learns from them, one file a kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.augmentation.base import Augmentation
from foldscape.registry import union_of

if TYPE_CHECKING:
    AugmentationSpec = Augmentation
else:
    AugmentationSpec = union_of("foldscape.augmentation", Augmentation)

__all__ = ["Augmentation", "AugmentationSpec"]
