"""What the runs of a sweep read that is not on this machine; said before it is launched, and keeps nobody from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from foldscape.data import store
from foldscape.data.base import DataSet
from foldscape.data.texts import TextSet
from foldscape.model import Model
from foldscape.spec import RunSpec
from foldscape.sweep.check import place_of
from foldscape.sweep.expand import combinations
from foldscape.sweep.spec import SweepSpec


class Need(Model):
    """Something that is not on this machine."""

    path: str
    """Where in the sweep it is asked for."""
    what: str
    """The data set or the encoder."""
    message: str
    """What is missing, and how it comes here."""
    comes: bool
    """Whether it is downloaded by itself when the first run reads it; otherwise somebody has to put it there."""


def needs(spec: SweepSpec) -> list[Need]:
    """Say what the runs of a sweep would look for in vain; reads no data.

    Args:
        spec: A sweep without problems.

    Returns:
        What is missing, with the setting that needs it.
    """
    found: dict[str, Need] = {}
    seen: set[str] = set()
    for settings, plain in combinations(spec):
        if (said := json.dumps(plain["data"], sort_keys=True)) in seen:
            continue
        seen.add(said)
        path = place_of(spec, settings, "data")
        for need in _of(RunSpec.model_validate(plain).data, path):
            found.setdefault(need.message, need)
    return list(found.values())


def _of(data: DataSet, path: str) -> Iterator[Need]:
    absent = [remote for remote in data.files if store.on_disk(data.folder, remote) is None]
    if absent:
        comes = all(remote.urls for remote in absent)
        yield Need(path=path, what=data.kind, message=_said(data, absent, comes), comes=comes)
    if isinstance(data, TextSet) and (words := data.encoder.missing()):
        yield Need(path=path, what=f"encoder {data.encoder.kind}", message=words, comes=False)


def _said(data: DataSet, absent: list[store.Remote], comes: bool) -> str:
    """Say where the files come from, or that they have to be brought, and where to."""
    folder = store.folders(data.folder)[-1]
    names = ", ".join(remote.name for remote in absent if comes or not remote.urls)
    if comes:
        host = urlsplit(absent[0].urls[0]).hostname
        return (
            f"{data.kind} is not on this machine yet and will be downloaded by the first run: {names} from {host} into "
            f"{folder}. Where that cannot be, put them there, or set FOLDSCAPE_DATA to a folder with {data.folder}/."
        )
    return (
        f"{names} of {data.kind} is not on this machine, nor published on its own: put it into {folder}, or set "
        f"FOLDSCAPE_DATA to a folder that has {data.folder}/{names}."
    )
