"""Schedules: the learning rate as a function of the update, the batch size as one of the epoch.

One file a kind of schedule; the union finds them, and those of plugins, by itself (``foldscape/registry.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from foldscape.registry import union_of
from foldscape.schedules.base import Course, Schedule
from foldscape.schedules.batch import BatchSchedule, ConstantBatch, StepBatch
from foldscape.schedules.calendar import Calendar, Phase
from foldscape.schedules.constant import Constant
from foldscape.schedules.rates import LearningRates

if TYPE_CHECKING:
    ScheduleSpec = Schedule
    BatchScheduleSpec = BatchSchedule
else:
    ScheduleSpec = union_of("foldscape.schedules", Schedule)
    BatchScheduleSpec = union_of("foldscape.schedules", BatchSchedule)

__all__ = [
    "BatchSchedule",
    "BatchScheduleSpec",
    "Calendar",
    "Constant",
    "ConstantBatch",
    "Course",
    "LearningRates",
    "Phase",
    "Schedule",
    "ScheduleSpec",
    "StepBatch",
]
