"""What can go wrong between a person and a run, besides the errors of the science."""

from __future__ import annotations

from foldscape.errors import FoldscapeError


class RunIsOver(FoldscapeError):
    """The run has ended and takes no commands."""

    code = "run_is_over"


class StudyNotFound(FoldscapeError):
    """No study has this id."""

    code = "study_not_found"


class LandscapeNotFound(FoldscapeError):
    """No landscape has this id."""

    code = "landscape_not_found"


class EnsembleNotFound(FoldscapeError):
    """No ensemble has this id."""

    code = "ensemble_not_found"


class SweepNotFound(FoldscapeError):
    """No sweep has this id."""

    code = "sweep_not_found"


class CannotResume(FoldscapeError):
    """The run is not in a state from which it can go on."""

    code = "cannot_resume"


class CannotStart(FoldscapeError):
    """A part of the product could not be started."""

    code = "cannot_start"
