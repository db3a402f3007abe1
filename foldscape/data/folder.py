"""Pictures of one's own: a folder with a folder of pictures for each class."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, ValidationInfo, model_validator

from foldscape.data.base import SharedOut, Split
from foldscape.data.folder_files import Found, found_in, read_pictures
from foldscape.data.folder_place import folder_of
from foldscape.data.validation import spread
from foldscape.errors import InvalidInput, NotOnDisk
from foldscape.model import ACCEPTED_ONCE, Model, added, in_forms

MOST_VALUES = 300_000_000
"""Numbers of all pictures together, 1.2 GB in single precision."""


class Contents(Model):
    """What was in the folder when the run was set up."""

    names: tuple[str, ...]
    """Names of the classes: of the folders in it, in alphabetical order."""
    counts: tuple[int, ...]
    """Pictures of each."""
    digest: str = Field(pattern="^[0-9a-f]{16}$")
    """Digest of the names and sizes of the files."""


class PictureFolder(SharedOut):
    """A folder with a folder of pictures for each class, all brought to one size and scaled to [0, 1].

    The split is by class and always the same, so that runs of any seed can be compared.
    """

    kind: Literal["folder"] = "folder"
    path: str = Field("pictures", min_length=1, max_length=1000)
    """The folder, from ``FOLDSCAPE_DATA`` on; ``foldscape run`` and Python also take any other path."""
    side: int = Field(32, ge=4, le=256)
    """Rows and columns that pictures are brought to; what sticks out of the middle square is cut off."""
    colour: bool = True
    """Three planes, red, green and blue; without, one grey plane."""
    test_share: float = Field(0.25, ge=0, le=0.9, json_schema_extra=in_forms(advanced=True))
    """Share of the pictures held out for testing, class by class."""
    contents: Contents | None = added(None, json_schema_extra={"readOnly": True})
    """What is in the folder; written down when the run is set up, so that another content is noticed."""

    @model_validator(mode="before")
    @classmethod
    def _look(cls, given: Any, info: ValidationInfo) -> Any:
        """Write down what is in the folder, unless it was written down before."""
        if not isinstance(given, dict) or given.get("contents") or info.context is ACCEPTED_ONCE:
            return given
        try:
            found = found_in(folder_of(str(given.get("path", cls.model_fields["path"].default))))
        except (InvalidInput, NotOnDisk):
            return given  # said by ``problem``, where the run is asked whether it fits together
        return {**given, "contents": _contents(found)}

    def problem(self) -> str:
        """Say why the folder cannot be read, beginning with the field; empty where it can."""
        try:
            place = folder_of(self.path)
            contents = _contents(found_in(place))
        except (InvalidInput, NotOnDisk) as error:
            way_out = error.hint[:1].lower() + error.hint[1:].removesuffix(".")
            return f"path {self.path}: {error.message.removesuffix('.')}; {way_out}"
        if self.contents not in (None, contents):
            return f"contents are not those of {place} any more; leave them out, and they are noted anew"
        values = sum(contents.counts) * self.features
        if values > MOST_VALUES:
            return (
                f"side {self.side} makes {values:,} numbers of {sum(contents.counts):,} pictures, more than "
                f"{MOST_VALUES:,}; use a smaller side, grey pictures or fewer of them"
            )
        return ""

    def load(self, seed: int) -> Split:
        """Read the pictures; ``seed`` changes nothing here.

        Returns:
            Training and test pictures.

        Raises:
            NotOnDisk: If the folder is not there, or no longer holds what it did.
            InvalidInput: If a picture cannot be read, or the folder may not.
        """
        del seed
        place = folder_of(self.path)
        now = _contents(found_in(place))
        if self.contents is not None and now != self.contents:
            raise NotOnDisk(
                f"The folder {place} no longer holds the pictures that it did when this run was set up: "
                f"{sum(now.counts):,} in {len(now.names)} classes now, {sum(self.contents.counts):,} in "
                f"{len(self.contents.names)} then.",
                hint="Put back what was there, or start a new run.",
            )
        return _split(place, now.digest, self.side, self.colour, self.test_share)

    @property
    def inside(self) -> Contents:
        """What is in the folder.

        Raises:
            NotOnDisk: If it was not written down and the folder is not there.
        """
        return self.contents or _contents(found_in(folder_of(self.path)))

    @property
    def size(self) -> int:
        """Number of pictures."""
        return sum(self.inside.counts)

    @property
    def classes(self) -> int:
        """Number of folders in it."""
        return len(self.inside.names)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the folders in it."""
        return self.inside.names

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Three planes, or rows and columns of a grey picture."""
        return (3, self.side, self.side) if self.colour else (self.side, self.side)

    @property
    def ink(self) -> bool:
        """Photographs are drawn as they are."""
        return False

    @property
    def features(self) -> int:
        """Values of a picture."""
        return (3 if self.colour else 1) * self.side**2


def _contents(found: Found) -> Contents:
    counts = tuple(len(files) for files in found.files)
    return Contents(names=found.names, counts=counts, digest=found.digest)


@lru_cache(maxsize=1)
def _split(place: Path, digest: str, side: int, colour: bool, test_share: float) -> Split:
    """Read a folder once for all runs on it, as long as it has this digest."""
    del digest
    found = found_in(place)
    y = np.repeat(np.arange(len(found.names)), [len(files) for files in found.files])
    x = read_pictures(found, side, colour=colour)
    held = spread(y, round(test_share * len(y)), np.random.default_rng(0xF01D))
    shape = (3, side, side) if colour else (side, side)
    return Split(x[~held], y[~held], x[held], y[held], len(found.names), shape)
