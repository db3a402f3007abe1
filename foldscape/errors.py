"""The error tree.

FoldscapeError
├── InvalidInput          what was given cannot be used; says what is allowed
│   └── FieldRefused      one field of a spec asks for what is not there
├── Unreadable            what was stored is not known to this version
├── NotPossible           the request is well formed, but this net or run cannot do it
│   └── OutOfMemory       the memory of the device does not hold what it takes
├── NotOnDisk             a data set has to be fetched first
├── RunNotFound           no run has this name
├── FrameNotFound         a run keeps no net at this step
└── BlewUp                training left the finite numbers
"""

from __future__ import annotations

from typing import Any, Self


class FoldscapeError(Exception):
    """Base of all errors with a sentence for the user.

    Attributes:
        code: Stable name of the error, for programs.
        message: What happened, with the value given.
        hint: The way out.
    """

    code = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} {hint}".strip())
        self.message = message
        self.hint = hint

    def describe(self) -> dict[str, Any]:
        """Give the one JSON shape in which errors travel."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "fields": []}


class InvalidInput(FoldscapeError):
    """A value that cannot be used."""

    code = "invalid_input"


class FieldRefused(InvalidInput):
    """A well-formed spec asks in one field for what is not there.

    Args:
        message: What is the matter, with the value given.
        hint: The way out.
        path: The field, as ``device``.
        given: Its value.
        allowed: What is allowed instead.
    """

    def __init__(self, message: str, *, path: str, given: Any, allowed: str = "", hint: str = "") -> None:
        super().__init__(f"{message[:1].upper()}{message[1:]}.", hint=hint)
        said = f"{message}; {hint[:1].lower()}{hint[1:].removesuffix('.')}" if hint else message
        self.field = {"path": path, "message": said, "given": given, "allowed": allowed}

    def moved(self, path: str) -> Self:
        """Give this very error beside another field, as ``base.device`` of a sweep."""
        self.field |= {"path": path}
        return self

    def describe(self) -> dict[str, Any]:
        """Give the one JSON shape in which errors travel, with the field."""
        return {**super().describe(), "fields": [self.field]}


class Unreadable(FoldscapeError):
    """What was stored holds something that this version does not know."""

    code = "unreadable"


class NotPossible(FoldscapeError):
    """A well-formed request that this net or run cannot fulfil."""

    code = "not_possible"


class OutOfMemory(NotPossible):
    """The memory of the device does not hold what is asked for; less may fit."""

    code = "out_of_memory"


class NotOnDisk(FoldscapeError):
    """A data set that is not on this machine."""

    code = "not_on_disk"


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


class BlewUp(FoldscapeError):
    """Training produced a value that is not finite.

    Attributes:
        step: The update at which it was noticed.
    """

    code = "blew_up"

    def __init__(self, message: str, *, step: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.step = step
