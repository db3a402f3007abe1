"""Discriminated unions that fill themselves: a new kind is one new file in its package."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Annotated, Any, Union

from pydantic import Field

from foldscape.model import Model


def kinds(package: str, base: type[Model]) -> dict[str, type[Model]]:
    """Import every module of a package and collect the concrete kinds of a base class.

    Args:
        package: Dotted name of the package whose modules declare the kinds.
        base: Their common base; a subclass is concrete when it has a ``kind`` with a default.

    Returns:
        The classes by their ``kind``, in alphabetical order.
    """
    path = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{module.name}")
    found: dict[str, type[Model]] = {}
    waiting = list(base.__subclasses__())
    while waiting:
        candidate = waiting.pop()
        waiting.extend(candidate.__subclasses__())
        field = candidate.model_fields.get("kind")
        if field is not None and isinstance(field.default, str):
            found[field.default] = candidate
    return dict(sorted(found.items()))


def union_of(package: str, base: type[Model]) -> Any:
    """Build the pydantic union of all kinds of a base class, told apart by ``kind``."""
    members = tuple(kinds(package, base).values())
    return Annotated[Union[members], Field(discriminator="kind")]  # noqa: UP007 - built at run time
