"""Which points are learnt first: how often each is right after a first epoch, over many runs (docs/memorisation.md)."""

from foldscape.studies.learnt_first.spec import LearntFirstStudy, LearntPart, LearntRow

__all__ = ["LearntFirstStudy", "LearntPart", "LearntRow"]
