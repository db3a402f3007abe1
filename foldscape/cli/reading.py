"""What commands share: reading a file, and ending with a clear sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError
from rich.console import Console

from foldscape.errors import FoldscapeError
from foldscape.explain import explain
from foldscape.reading import NotReadable, read_file

_SAID: dict[str, Any] = {"style": "red", "markup": False, "highlight": False, "soft_wrap": True}


def read_yaml(path: Path, console: Console) -> dict[str, Any]:
    """Read the fields in a YAML or JSON file, or end with one clear sentence.

    Returns:
        The fields, not yet checked.

    Raises:
        typer.Exit: With code 2 if it cannot be read.
    """
    try:
        return read_file(path)
    except OSError as error:
        console.print(f"{path} cannot be read: {error.strerror}.", **_SAID)
    except NotReadable as error:
        console.print(f"{path} is not a spec: {error}", **_SAID)
    raise typer.Exit(2)


@contextmanager
def faults_named(path: Path, model: Any, console: Console) -> Iterator[None]:
    """End with one clear sentence a fault where a spec cannot be used."""
    try:
        yield
    except ValidationError as error:
        tell_faults(path, explain(error.errors(), model), console)


def tell_faults(path: Path, faults: list[Mapping[str, Any]] | list[dict[str, Any]], console: Console) -> None:
    """Say what is wrong with a file, and end.

    Raises:
        typer.Exit: With code 2.
    """
    console.print(f"{path} cannot be run as it is:", **_SAID)
    for fault in faults:
        console.print(f"  {fault['message']}", markup=False, highlight=False, soft_wrap=True)
    raise typer.Exit(2)


@contextmanager
def plainly(console: Console) -> Iterator[None]:
    """Say an error of the library as a sentence, and end with code 2."""
    try:
        yield
    except FoldscapeError as error:
        console.print(str(error), **_SAID)
        raise typer.Exit(2) from None
