"""The files of a folder of pictures: found, counted, read."""

from __future__ import annotations

import hashlib
import os
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from foldscape.arrays import Float32Array
from foldscape.data.pictures import scaled
from foldscape.errors import InvalidInput, NotOnDisk

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
MOST_PICTURES, MOST_CLASSES, MOST_BYTES, MOST_PIXELS = 100_000, 1000, 50_000_000, 50_000_000
NAMED = 3
"""Broken files that are named."""


@dataclass(frozen=True)
class Found:
    """The pictures of a folder.

    Attributes:
        place: The folder.
        names: Names of the classes, in alphabetical order.
        files: The files of each class, in alphabetical order.
        digest: Digest of their names and sizes.
    """

    place: Path
    names: tuple[str, ...]
    files: tuple[tuple[Path, ...], ...]
    digest: str


def found_in(place: Path) -> Found:
    """Find the pictures of a folder, without reading them.

    Args:
        place: The folder, with a folder for each class.

    Returns:
        The pictures; folders without any are no classes.

    Raises:
        NotOnDisk: If it is not there, or cannot be looked into.
        InvalidInput: If it holds fewer than two classes, or more or larger pictures than can be read.
    """
    if not place.is_dir():
        raise NotOnDisk(
            f"There is no folder {place}.", hint="Make it, with a folder of pictures for each class, or name another."
        )
    try:
        inside = sorted(one for one in place.iterdir() if one.is_dir() and not one.name.startswith("."))
        by_class = {one.name: _pictures_in(one) for one in inside}
        found = {name: files for name, files in by_class.items() if files}
        _refuse(place, found)
        "".join(found).encode()
        said = [
            f"{name}/{file.name} {file.stat().st_size}\n" for name, files in found.items() for file in files
        ]  # fmt: skip
    except UnicodeEncodeError:
        raise InvalidInput(f"A class in {place} has a name that is no text.", hint="Rename its folder.") from None
    except OSError as error:
        raise NotOnDisk(f"The folder {place} cannot be read: {error.strerror}.", hint="Change its rights.") from None
    digest = hashlib.sha256("".join(said).encode(errors="surrogateescape")).hexdigest()[:16]
    return Found(place, tuple(found), tuple(found.values()), digest)


def _pictures_in(folder: Path) -> tuple[Path, ...]:
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in entries
            if entry.name.lower().endswith(ENDINGS) and not entry.name.startswith(".") and entry.is_file()
        )
    return tuple(folder / name for name in names)


def _refuse(place: Path, found: dict[str, tuple[Path, ...]]) -> None:
    pictures = sum(map(len, found.values()))
    if len(found) < 2:
        raise InvalidInput(
            f"The folder {place} holds pictures of {len(found)} classes, and two are needed.",
            hint=f"Put a folder of pictures into it for each class; pictures end in {', '.join(ENDINGS)}.",
        )
    if len(found) > MOST_CLASSES or pictures > MOST_PICTURES:
        raise InvalidInput(
            f"The folder {place} holds {pictures:,} pictures in {len(found):,} classes; at most {MOST_PICTURES:,} in "
            f"{MOST_CLASSES:,} are read.",
            hint="Take a part of them.",
        )
    large = [file for files in found.values() for file in files if file.stat().st_size > MOST_BYTES]
    if large:
        raise InvalidInput(
            f"The picture {large[0]} has more than {MOST_BYTES // 1_000_000} MB.", hint="Make it smaller."
        )


def read_pictures(found: Found, side: int, *, colour: bool) -> Float32Array:
    """Read the pictures of a folder, each brought to a square.

    Args:
        found: The pictures.
        side: Rows and columns of the square.
        colour: Whether in three planes; else in one.

    Returns:
        (N, values) from 0 to 1, class by class, planes one after another.

    Raises:
        InvalidInput: If some cannot be read; says which, and why.
    """
    files = [file for files in found.files for file in files]
    pixels = np.empty((len(files), (3 if colour else 1) * side * side), np.uint8)
    broken: list[str] = []
    for row, file in enumerate(files):
        try:
            pixels[row] = _square(file, side, colour=colour)
        except (OSError, ValueError, SyntaxError, Warning) as error:
            broken.append(f"{file.parent.name}/{file.name} ({_why(error, file)})")
    if broken:
        more = f" and {len(broken) - NAMED} more" if len(broken) > NAMED else ""
        raise InvalidInput(
            f"{len(broken)} of the {len(files)} pictures in {found.place} cannot be read: "
            f"{', '.join(broken[:NAMED])}{more}.",
            hint="Mend them or take them away.",
        )
    return scaled(pixels)


def _square(file: Path, side: int, *, colour: bool) -> np.ndarray:
    """Give the pixels of a picture's middle square, planes one after another."""
    from PIL import Image, ImageOps

    with warnings.catch_warnings(), Image.open(file) as opened:
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError(f"{opened.width}×{opened.height} pixels, more than {MOST_PIXELS // 1_000_000} million")
        upright = ImageOps.exif_transpose(opened)
        square = ImageOps.fit(upright.convert("RGB" if colour else "L"), (side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(square)
    return (pixels.transpose(2, 0, 1) if colour else pixels).reshape(-1)


def _why(error: BaseException, file: Path) -> str:
    """Say in one line, without the path, why a picture cannot be read."""
    told = " ".join(str(error).split()).replace(repr(str(file)), "it").replace(str(file), "it")
    return f"{told:.120}" or type(error).__name__
