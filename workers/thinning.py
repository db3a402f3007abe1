"""What a long run drops by itself, evenly over its steps: frames and measurements beyond their share of the memory."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import orjson

from foldscape.events import KINDS
from foldscape.measurements import Measurement
from workers import keys
from workers.keys import RunKeys
from workers.run_log.connect import Client
from workers.run_log.scripts import script
from workers.settings import Settings

SLACK = 1.25
"""Frames are thinned when there are so many times more than are to be kept."""

FEW = 40
"""Frames, and measurements of a kind, that any run may have, however large they are."""

PAGE = 1000
"""Entries that are read at a time."""

MEASURED = frozenset(kind for kind, event in KINDS.items() if issubclass(event, Measurement))

ROUNDING = 1e-6
"""Steps by which an even place may lie beyond a step that is meant."""


class Thinner:
    """Thins the streams of runs; the rows of scalars, births, ends and all that a replay needs stay.

    Args:
        client: Connection to the run log.
        settings: How much a run may keep.
    """

    def __init__(self, client: Client, settings: Settings) -> None:
        self._client, self._settings = client, settings
        self._scripts = {name: client.register_script(script(name)) for name in ("thin", "thin_events")}

    async def look_after(self, run: RunKeys, *, is_over: bool) -> None:
        """Thin what has grown beyond its share.

        Args:
            run: The run.
            is_over: Whether it has ended, and keeps fewer frames.
        """
        most = self._settings.frames_kept_after if is_over else self._settings.frames_kept
        frames = await self._client.llen(run.frame_ids)
        if frames > FEW and frames > SLACK * (most := min(most, await self._within_budget(run, frames))):
            await self.frames(run, most)
        if await self._client.xlen(run.events) > FEW:
            used = await self._client.memory_usage(run.events) or 0
            if used > self._settings.events_mb * 1e6:
                await self.events(run, self._settings.events_mb * 1e6 / 2 / used)

    async def frames(self, run: RunKeys, most: int) -> int:
        """Thin the frames of one run to a number; gives how many were dropped."""
        names = [run.hash, run.frames, run.frame_ids, run.kept, keys.CHANGES]
        return int(await self._scripts["thin"](keys=names, args=[run.id, most]))

    async def events(self, run: RunKeys, share: float) -> int:
        """Thin the measurements of one run.

        Args:
            run: The run.
            share: Share of its events, in bytes, that may stay; what is no measurement stays anyway.

        Returns:
            How many measurements were dropped.
        """
        found, sizes = await self._measurements(run)
        measured = sum(size for kind, size in sizes.items() if kind in MEASURED)
        others = sum(sizes.values()) - measured
        share = max(0.0, (share * (measured + others) - others) / max(1, measured))
        drop = [
            entry
            for steps in found.values()
            for step in surplus(list(steps), max(FEW, int(share * len(steps))))
            for entry in steps[step]
        ]
        stay = sum(len(ids) for steps in found.values() for ids in steps.values()) - len(drop)
        names = [run.hash, run.events, keys.CHANGES, run.rewritten]
        return int(await self._scripts["thin_events"](keys=names, args=[run.id, stay, *drop])) if drop else 0

    async def _measurements(self, run: RunKeys) -> tuple[dict[str, dict[int, list[str]]], dict[str, int]]:
        """Read the ids of the measurements by kind and step, and the bytes of all events by kind."""
        found: dict[str, dict[int, list[str]]] = {}
        sizes: dict[str, int] = {}
        after = "-"
        while entries := await self._client.xrange(run.events, min=after, count=PAGE):
            for raw, fields in entries:
                kind = orjson.loads(fields[b"h"])["kind"]
                sizes[kind] = sizes.get(kind, 0) + len(fields[b"h"]) + len(fields[b"b"])
                if kind in MEASURED:
                    entry = raw.decode()
                    found.setdefault(kind, {}).setdefault(keys.id_pair(entry)[0], []).append(entry)
            after = f"({entries[-1][0].decode()}"
        return found, sizes

    async def _within_budget(self, run: RunKeys, frames: int) -> int:
        """Give how many frames of the present size the memory for one run holds."""
        used = await self._client.memory_usage(run.frames) or 1
        return max(FEW, int(frames * self._settings.frames_mb * 1e6 / used))


def surplus(steps: Sequence[int], most: int) -> list[int]:
    """Choose the steps to drop so that at most a number is left, evenly: the first and the newest quarter stay.

    Args:
        steps: Rising steps.
        most: How many may stay.

    Returns:
        The steps to drop, rising.

    Example:
        >>> surplus(range(0, 80, 10), 4)
        [10, 20, 40, 50]
    """
    older, room = len(steps) - most // 4, most - most // 4
    if len(steps) <= most or older < 3:
        return []
    apart = (steps[older - 1] - steps[0]) / max(room - 1, 1)
    kept = {bisect_left(steps, steps[0] + place * apart - ROUNDING, 0, older - 1) for place in range(room)}
    return [step for place, step in enumerate(steps[:older]) if place not in kept]
