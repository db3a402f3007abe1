"""Studies: questions answered by many nets at once. Importing them loads neither torch nor compiled code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.registry import union_of
from foldscape.studies.base import Finding, Study, StudyProgress, StudyRow

if TYPE_CHECKING:
    StudySpec = Study
else:
    StudySpec = union_of("foldscape.studies", Study)

__all__ = ["Finding", "Study", "StudyProgress", "StudyRow", "StudySpec"]
