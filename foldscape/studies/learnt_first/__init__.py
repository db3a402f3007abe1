"""Which points are learnt first: how often each is right after a first epoch, over many runs (docs/memorisation.md)."""

from foldscape.studies.learnt_first.spec import LearntFirstStudy, LearntRow, Part

__all__ = ["LearntFirstStudy", "LearntRow", "Part"]
