"""The names of all keys of the run log, in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

RUNS = "fs:runs"
ACTIVE = "fs:active"
CHANGES = "fs:changes"
WORKERS = "fs:workers"
REAPER = "fs:reaper"
STUDIES = "fs:studies"
ACTIVE_STUDIES = "fs:studies:active"
LANDSCAPES = "fs:landscapes"
ACTIVE_LANDSCAPES = "fs:landscapes:active"
ENSEMBLES = "fs:ensembles"
ACTIVE_ENSEMBLES = "fs:ensembles:active"
SWEEPS = "fs:sweeps"
ACTIVE_SWEEPS = "fs:sweeps:active"
RATES = "fs:sweeps:rates"
"""How fast the machine of the workers is, as the last sweep found it (JSON)."""

FORGOTTEN = "fs:forgotten"
"""How many runs of Play are kept (``kept``), and how many were deleted (``forgotten``)."""

CHANGES_KEPT = 20_000
"""Length at which the stream of changes is cut."""

FIRST = "0-0"
"""The cursor before all entries."""


def queue(name: str) -> str:
    """Key of the zset of runs that wait in a queue, by the time they came (ms)."""
    return f"fs:queue:{name}"


def worker_key(worker_id: str) -> str:
    """Key of a worker's sign of life."""
    return f"fs:worker:{worker_id}"


@dataclass(frozen=True)
class RunKeys:
    """The keys of one run.

    Attributes:
        id: The run.
    """

    id: str

    def _of(self, part: str) -> str:
        return f"fs:run:{self.id}:{part}"

    @property
    def hash(self) -> str:
        """Everything about the run in one hash."""
        return f"fs:run:{self.id}"

    @property
    def lease(self) -> str:
        """Token of the worker that owns the run."""
        return self._of("lease")

    @property
    def metrics(self) -> str:
        """Blocks of metrics rows."""
        return self._of("metrics")

    @property
    def frames(self) -> str:
        """Frames with their snapshots."""
        return self._of("frames")

    @property
    def events(self) -> str:
        """All other events."""
        return self._of("events")

    @property
    def rewritten(self) -> str:
        """Room in which a script writes the events anew; never there outside of it."""
        return self._of("rewritten")

    @property
    def commands(self) -> str:
        """Commands as they arrive."""
        return self._of("commands")

    @property
    def applied(self) -> str:
        """The record of commands with their steps."""
        return self._of("applied")

    @property
    def checkpoint(self) -> str:
        """The latest checkpoint."""
        return self._of("checkpoint")

    @property
    def start(self) -> str:
        """The weights that the run began with, where they are another's."""
        return self._of("start")

    @property
    def frame_ids(self) -> str:
        """List of the ids in the stream of frames, so that thinning reads no frame."""
        return self._of("frame_ids")

    @property
    def kept(self) -> str:
        """Set of ids of frames that are never thinned."""
        return self._of("kept")

    @property
    def all(self) -> tuple[str, ...]:
        """Every key of the run."""
        streams = (self.metrics, self.frames, self.events, self.commands, self.applied)
        return (self.hash, self.lease, *streams, self.checkpoint, self.frame_ids, self.kept, self.start)


@dataclass(frozen=True)
class JobKeys:
    """The keys of one job: a study, a landscape, an ensemble or a sweep.

    Attributes:
        id: The job.
    """

    id: str
    sort: ClassVar[str]
    every: ClassVar[str]
    """Zset of all jobs of this sort by time of creation (ms)."""
    active: ClassVar[str]
    """Set of those that are queued or running."""

    @property
    def hash(self) -> str:
        """Everything about the job but its rows."""
        return f"fs:{self.sort}:{self.id}"

    @property
    def lease(self) -> str:
        """Token of the worker that owns the job."""
        return f"{self.hash}:lease"

    @property
    def rows(self) -> str:
        """Hash of its results as they stand."""
        return f"{self.hash}:rows"

    @property
    def progress(self) -> str:
        """What it said; ids are ``<attempt>-<n>``."""
        return f"{self.hash}:progress"

    @property
    def all(self) -> tuple[str, ...]:
        """Every key of the job."""
        return (self.hash, self.lease, self.rows, self.progress)


class StudyKeys(JobKeys):
    """The keys of one study; its rows are the lines of its table."""

    sort = "study"
    every = STUDIES
    active = ACTIVE_STUDIES


class LandscapeKeys(JobKeys):
    """The keys of one landscape; its rows are blocks of finished cells, and what they were measured along."""

    sort = "landscape"
    every = LANDSCAPES
    active = ACTIVE_LANDSCAPES


class EnsembleKeys(JobKeys):
    """The keys of one ensemble; its rows are its members, their scores together, and every two of them."""

    sort = "ensemble"
    every = ENSEMBLES
    active = ACTIVE_ENSEMBLES


class SweepKeys(JobKeys):
    """The keys of one sweep; its rows are the runs that are over."""

    sort = "sweep"
    every = SWEEPS
    active = ACTIVE_SWEEPS

    @property
    def starts(self) -> str:
        """Hash of the weights that its runs begin with, by run and step."""
        return f"{self.hash}:starts"

    @property
    def all(self) -> tuple[str, ...]:
        """Every key of the sweep."""
        return (*super().all, self.starts)


def entry_id(step: int, seq: int = 0) -> str:
    """Give the stream id of an event; ``seq`` is moved up by one because Redis refuses ``0-0``."""
    return f"{step}-{seq + 1}"


def id_pair(entry: str) -> tuple[int, int]:
    """Read a stream id as numbers, to compare two of them."""
    left, _, right = entry.partition("-")
    return int(left), int(right or 0)
