"""Landscapes around the nets of recorded runs: of the run log on a server, or of a run at hand.

A run is anything that answers ``RunRecord``. ``of_run`` measures one landscape of it; ``follow`` tells how far it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.lazy import exports

if TYPE_CHECKING:
    from foldscape.landscape.recorded.measured import RecordedLandscape, of_run
    from foldscape.landscape.recorded.measuring import follow
    from foldscape.landscape.recorded.recording import Recording, record
    from foldscape.landscape.recorded.run_record import RunRecord
    from foldscape.landscape.recorded.saddles import SaddlePoint, saddle_path

__all__ = ["RecordedLandscape", "Recording", "RunRecord", "SaddlePoint", "follow", "of_run", "record", "saddle_path"]

__getattr__, __dir__ = exports(
    __name__,
    {
        "RecordedLandscape": "measured",
        "Recording": "recording",
        "RunRecord": "run_record",
        "SaddlePoint": "saddles",
        "follow": "measuring",
        "of_run": "measured",
        "record": "recording",
        "saddle_path": "saddles",
    },
)
