"""What can go wrong between a person and a run, besides the errors of the science."""

from __future__ import annotations

from foldscape.errors import FoldscapeError


class RunNotFound(FoldscapeError):
    """No run has this id."""

    code = "run_not_found"


class FrameNotFound(FoldscapeError):
    """No frame with a snapshot is kept at this step."""

    code = "frame_not_found"

    @classmethod
    def of(cls, run_id: str, step: int | None) -> FrameNotFound:
        """Make the error of a moment whose weights are not kept."""
        when = "" if step is None else f" at or before step {step}"
        hint = "Choose a later moment; a run that has not begun keeps none, nor do nets too large for the log."
        return cls(f"Run {run_id} keeps no frame with weights{when}.", hint=hint)


class RunIsOver(FoldscapeError):
    """The run has ended and takes no commands."""

    code = "run_is_over"


class StudyNotFound(FoldscapeError):
    """No study has this id."""

    code = "study_not_found"


class LandscapeNotFound(FoldscapeError):
    """No landscape has this id."""

    code = "landscape_not_found"


class SweepNotFound(FoldscapeError):
    """No sweep has this id."""

    code = "sweep_not_found"


class CannotResume(FoldscapeError):
    """The run is not in a state from which it can go on."""

    code = "cannot_resume"


class CannotStart(FoldscapeError):
    """A part of the product could not be started."""

    code = "cannot_start"
