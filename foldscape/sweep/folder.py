"""A sweep on disk: its manifest, and a file for each run that is over; so it can be stopped and taken up again."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from foldscape import __version__
from foldscape.data.store import keep
from foldscape.errors import InvalidInput
from foldscape.start import StartNet
from foldscape.stored import read_stored
from foldscape.sweep.expand import expand
from foldscape.sweep.result import CellResult
from foldscape.sweep.spec import SweepSpec
from foldscape.sweep.starting import Starts

FORMAT = 1
FROZEN = ("question", "primary", "measure")
"""What is fixed at launch: a later change of the question is marked, one of what is measured refused."""


def manifest_of(spec: SweepSpec, launched: str = "") -> dict[str, Any]:
    """Give the manifest of a sweep: everything needed to do it again, as plain JSON.

    Args:
        spec: The sweep.
        launched: When it was launched, as ISO 8601; now when empty.

    Returns:
        The manifest.
    """
    return {
        "format": FORMAT,
        "foldscape": __version__,
        "launched": launched or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "spec": spec.model_dump(mode="json"),
        "cells": [
            {"key": cell.key, "name": cell.name, "settings": cell.settings, "seed": cell.spec.seed}
            for cell in expand(spec)
        ],
        "changed": [],
    }


class Folder:
    """The place of one sweep on disk.

    Args:
        path: The folder; made when missing.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    @property
    def manifest(self) -> Path:
        """Where the manifest lies."""
        return self.path / "manifest.json"

    def open(self, spec: SweepSpec, starts: Starts | None = None) -> dict[str, Any]:
        """Begin a sweep here, or take it up again; gives its manifest.

        More seeds or settings may be added; what was asked first stays in the manifest, and a question that was
        changed after that is marked as chosen after looking.

        Returns:
            The manifest.

        Raises:
            InvalidInput: If other things were measured here.
        """
        fresh = manifest_of(spec)
        if self.manifest.exists():
            kept = json.loads(self.manifest.read_text())
            was, now = read_stored(SweepSpec, kept["spec"]).model_dump(mode="json"), fresh["spec"]
            if was["measure"] != now["measure"]:
                raise InvalidInput(
                    f"{self.path} holds a sweep that measured other things.",
                    hint="Give measure back its values, or use another folder.",
                )
            changed = [name for name in FROZEN if was[name] != now[name]]
            mark = [{"when": fresh["launched"], "fields": changed, "chosen": "after looking"}] if changed else []
            frozen = {name: was[name] for name in FROZEN}
            fresh |= {"launched": kept["launched"], "changed": kept["changed"] + mark, "spec": now | frozen}
        self.keep(fresh)
        self.keep_starts(starts or {})
        return fresh

    def keep(self, manifest: Mapping[str, Any]) -> None:
        """Write a manifest down; the folder is made when missing."""
        (self.path / "cells").mkdir(parents=True, exist_ok=True)
        keep(self.manifest, json.dumps(manifest, indent=1, ensure_ascii=False).encode())

    def keep_starts(self, starts: Starts) -> None:
        """Keep the weights that runs begin with, by name."""
        for name, net in starts.items():
            keep(self.path / "starts" / f"{name}.npz", net.pack())

    def starts(self) -> dict[str, StartNet]:
        """Give the weights that runs begin with, by name; none where all begin with their own."""
        return {path.stem: StartNet.unpack(path.read_bytes()) for path in sorted((self.path / "starts").glob("*.npz"))}

    def read(self) -> dict[str, Any]:
        """Give the manifest.

        Returns:
            The manifest.

        Raises:
            InvalidInput: If there is none.
        """
        try:
            found: dict[str, Any] = json.loads(self.manifest.read_text())
        except OSError as error:
            raise InvalidInput(
                f"{self.manifest} cannot be read: {error.strerror}.", hint="Give a folder that a sweep was written to."
            ) from None
        return found

    def spec(self) -> SweepSpec:
        """Give the sweep that the manifest holds.

        Returns:
            The sweep.

        Raises:
            InvalidInput: If there is none.
            Unreadable: If this version does not know what stands in it.
        """
        return read_stored(SweepSpec, self.read()["spec"])

    def save(self, row: CellResult) -> None:
        """Keep a run that is over."""
        keep(self._place(row.key), row.model_dump_json().encode())

    def rows(self, spec: SweepSpec) -> list[CellResult]:
        """Give the runs of a sweep that are there, in its order."""
        places = [self._place(cell.key) for cell in expand(spec)]
        return [CellResult.model_validate_json(place.read_text()) for place in places if place.exists()]

    def _place(self, key: str) -> Path:
        return self.path / "cells" / f"{key}.json"
