"""Where a checkpoint lives: small ones in Redis, large ones as safetensors and JSON in the artefact folder."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Any

import fsspec
import numpy as np
import orjson

from foldscape.wire import Packed, pack, unpack
from workers.settings import Settings


class Store:
    """Writes and reads checkpoints.

    Args:
        settings: The artefact folder, and up to which size a checkpoint stays in Redis.
    """

    def __init__(self, settings: Settings) -> None:
        self._root = (settings.artefacts or str(settings.home.absolute() / "artefacts")).rstrip("/")
        self._inline = settings.checkpoint_inline_mb * 1e6

    def write(self, run_id: str, name: str, packed: Packed) -> dict[str, Any]:
        """Store a snapshot, a large one in files.

        Args:
            run_id: The run.
            name: Distinct for each checkpoint of the run, so that a late worker overwrites nothing.
            packed: The packed snapshot.

        Returns:
            What ``read`` finds it by: ``h`` and ``b``, a small snapshot itself, and ``place``, the path of a large
            one's files without their endings.

        Raises:
            OSError: When the artefact folder does not take it.
        """
        if len(packed.head) + len(packed.body) <= self._inline:
            return {"h": packed.head, "b": packed.body, "place": ""}
        from safetensors.numpy import save

        data, arrays = unpack(*packed)
        flat, shapes = flatten(arrays)
        place = f"{self._root}/checkpoints/{run_id}/{name}"
        try:
            with fsspec.open(f"{place}.safetensors", "wb", auto_mkdir=True) as file:
                file.write(save(flat))
            with fsspec.open(f"{place}.json", "wb", auto_mkdir=True) as file:
                file.write(orjson.dumps({"data": data, "tuples": shapes}))
        except OSError:
            with contextlib.suppress(OSError):
                self.forget(place)  # half a file, which would fill the disk further
            raise
        return {"h": b"", "b": b"", "place": place}

    @staticmethod
    def read(fields: Mapping[str, bytes]) -> Packed | None:
        """Give the snapshot of a checkpoint, or ``None`` when there is none."""
        place = fields.get("place", b"").decode()
        if not place:
            return Packed(fields["h"], fields["b"]) if "h" in fields else None
        from safetensors.numpy import load

        with fsspec.open(f"{place}.json", "rb") as file:
            told = orjson.loads(file.read())
        with fsspec.open(f"{place}.safetensors", "rb") as file:
            flat = load(file.read())
        return pack(told["data"], gather(flat, told["tuples"]))

    def forget(self, place: str) -> None:
        """Remove a large checkpoint that was replaced."""
        if not place:
            return
        for ending in ("safetensors", "json"):
            files, path = fsspec.core.url_to_fs(f"{place}.{ending}")
            if files.exists(path):
                files.rm(path)


def flatten(arrays: dict[str, Any]) -> tuple[dict[str, np.ndarray], dict[str, int]]:
    """Name each part of a tuple of arrays ``name/0``, ``name/1``, ...; gives also the lengths of the tuples."""
    tuples = {name: len(value) for name, value in arrays.items() if isinstance(value, tuple)}
    flat = {name: np.asarray(value, order="C") for name, value in arrays.items() if name not in tuples}
    for name in tuples:
        flat |= {f"{name}/{place}": np.asarray(part, order="C") for place, part in enumerate(arrays[name])}
    return flat, tuples


def gather(flat: dict[str, np.ndarray], tuples: dict[str, int]) -> dict[str, Any]:
    """Undo ``flatten``."""
    whole = {name: value for name, value in flat.items() if name.rpartition("/")[0] not in tuples}
    return whole | {name: tuple(flat[f"{name}/{place}"] for place in range(length)) for name, length in tuples.items()}
