"""Which folders of pictures may be read: all by whoever sits at the machine, those that were laid out for others."""

from __future__ import annotations

import os
from pathlib import Path

from foldscape.errors import InvalidInput
from foldscape.hosting import is_hosted


def folder_of(path: str) -> Path:
    """Find a folder that a spec names.

    Args:
        path: From ``FOLDSCAPE_DATA`` on; in one's own process also from the present folder, or anywhere.

    Returns:
        The folder, links followed; it need not be there.

    Raises:
        InvalidInput: If a spec that may be a stranger's names a folder that does not lie in ``FOLDSCAPE_DATA``.
    """
    if "\0" in path:
        raise InvalidInput(f"The path {path!r} holds a sign that no path has.", hint="Take it out.")
    given = os.environ.get("FOLDSCAPE_DATA")
    root = Path(given).expanduser().resolve() if given else None
    if is_hosted():
        return _below(root, path)
    if root is not None and (root / path).is_dir():
        return (root / path).resolve()
    return Path(path).expanduser().resolve()


def _below(root: Path | None, path: str) -> Path:
    own = "or run it with foldscape run or from Python, where every folder may be read"
    if root is None:
        raise InvalidInput(
            "No folder of pictures may be read here, because FOLDSCAPE_DATA is not set.",
            hint=f"Start web and workers with FOLDSCAPE_DATA=FOLDER and put the pictures there, {own}.",
        )
    place = (root / path).resolve()
    if place == root or not place.is_relative_to(root):
        raise InvalidInput(
            "Only folders below FOLDSCAPE_DATA may be read here.",
            hint=f"Put the pictures there and name their folder, {own}.",
        )
    return place
