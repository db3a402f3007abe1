"""Every setting of the running product; each is read from the environment as ``FOLDSCAPE_<NAME>``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from foldscape.hosting import Allowed


class Settings(BaseSettings):
    """What can be set from outside, with the shipped values."""

    model_config = SettingsConfigDict(env_prefix="FOLDSCAPE_", frozen=True, use_attribute_docstrings=True)

    redis: str = "redis://127.0.0.1:6379/0"
    """Redis of the run log, as ``redis://[:password@]host:port/db`` or ``unix:///path?db=0``. ``foldscape up`` starts a
    private one unless this is set."""
    broker_db: int = Field(1, ge=0)
    """Database of the same Redis that carries the messages to the workers; must differ from that of the run log."""
    redis_mb: int = Field(2048, ge=16)
    """Memory that the private Redis of ``foldscape up`` may use, in MB (10**6 bytes). When it is reached, runs wait and
    go on by themselves when there is room; from 85 % on the pages warn."""
    home: Path = Path(".foldscape")
    """Folder of Redis files, large checkpoints and logs."""
    artefacts: str = ""
    """Where large checkpoints go: any fsspec address such as ``s3://bucket/foldscape``; empty is ``artefacts`` in the
    home folder."""
    host: str = "127.0.0.1"
    """Address on which the web process listens."""
    port: int = Field(8050, ge=0, le=65535)
    """Port of the web process; 0 takes any free one."""
    worker_queue: Literal["interactive", "batch", "gpu"] = "interactive"
    """Queue that a worker serves; ``foldscape worker`` sets it."""
    modules: str = ""
    """Packages or modules, separated by commas, whose factories runs may train (``my_package, other.nets``): a prefix
    of the dotted name. Workers load them; the web process judges by the same names. Empty allows none."""
    gpu: Literal["auto", "on", "off"] = "auto"
    """Whether ``foldscape up`` starts a worker for an NVIDIA card: where it sees one, always, or never."""
    interactive_threads: int = Field(64, ge=1, le=1024)
    """Runs that one interactive worker advances at a time."""
    batch_threads: int = Field(1, ge=1, le=256)
    """Threads that the numerical libraries may use in a batch worker; an interactive worker always uses one a run."""
    study_threads: int = Field(0, ge=0, le=256)
    """Threads on which a batch worker carries out a study; 0 is one a processor. They change nothing that it finds."""
    lease_ms: int = Field(4000, ge=100)
    """How long a worker owns a run without renewing; a dead worker's runs are free after it."""
    flush_ms: int = Field(50, ge=5, le=1000)
    """Time between two exchanges of a run with Redis: events out, commands in."""
    frames_per_second: float = Field(20, gt=0, le=60)
    """Measurements a second to which a run without a pace of its own is steered on the interactive queue."""
    buffer_mb: float = Field(16, gt=0)
    """Events a run holds in memory while Redis is away; when full, the run waits."""
    checkpoint_seconds: float = Field(2.0, gt=0)
    """Time between two checkpoints of a run."""
    checkpoint_inline_mb: float = Field(1.0, ge=0)
    """Checkpoints up to this size live in Redis, larger ones in the artefact folder."""
    park_seconds: float = Field(120, gt=0)
    """A run paused for so long leaves its worker; the next command brings it back."""
    max_attempts: int = Field(5, ge=1)
    """A run whose worker died so often without a checkpoint in between is given up as failed."""
    reaper_seconds: float = Field(1.0, gt=0)
    """Time between two rounds of the reaper."""
    lost_seconds: float = Field(10, gt=0)
    """A running run without a sign of life for so long is shown as lost."""
    frames_kept: int = Field(1200, ge=10)
    """Frames kept of a run that goes on; beyond it they are thinned evenly; births, ends and the newest are kept."""
    frames_mb: float = Field(48, gt=0)
    """Memory for the frames of one run, in MB; larger frames are kept in smaller number, but at least 40."""
    events_mb: float = Field(8, gt=0)
    """Memory for the events of one run, in MB; beyond it, measurements are thinned evenly to half of it. The curves of
    training and all that a replay needs are kept whole."""
    frames_kept_after: int = Field(400, ge=10)
    """Frames kept of a run that is over."""
    frame_snapshot_kb: float = Field(512, ge=0)
    """Frames carry a snapshot up to this size, so that the run can be forked there."""
    play_runs_kept: int = Field(200, ge=1)
    """Runs from the Play page that are kept without a name, tag or note of a person; older ones are forgotten."""
    heartbeat_seconds: float = Field(2.0, gt=0)
    """Time between two signs of life of a worker."""

    @field_validator("modules")
    @classmethod
    def _are_named(cls, modules: str) -> str:
        Allowed.of(modules)
        return modules


@lru_cache
def settings() -> Settings:
    """Give the settings of this process, read once."""
    return Settings()
