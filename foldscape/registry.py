"""Discriminated unions that fill themselves: a new kind is one new file in its package, or in a plugin.

A plugin is an installed package with entry points in the group ``foldscape.plugins``. The name of one says what its
module adds to, the last part of the package's name, as ``probes`` or ``probes.mine``; its value is the module.
"""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Annotated, Any, Literal, Union

from pydantic import BeforeValidator, Field

from foldscape.model import Model

GROUP = "foldscape.plugins"


def kinds(package: str, base: type[Model]) -> dict[str, type[Model]]:
    """Import every module of a package, and those that plugins add, and collect the concrete kinds of a base class.

    Args:
        package: Dotted name of the package whose modules declare the kinds.
        base: Their common base; a subclass is concrete when it has a ``kind`` with a default.

    Returns:
        The classes by their ``kind``, in alphabetical order; of a plugin's class whose kind is there already nothing
        is taken, with a warning.
    """
    path = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{module.name}")
    _load_plugins(package.rpartition(".")[2])
    found: dict[str, type[Model]] = {}
    for candidate in sorted(_concrete(base), key=_is_foreign):
        kind = candidate.model_fields["kind"].default
        if kind in found and _is_foreign(candidate):
            warnings.warn(
                f"{candidate.__module__} declares the kind {kind}, which {found[kind].__module__} has already; "
                "it is left out. Give it another kind.",
                stacklevel=2,
            )
            continue
        found[kind] = candidate
    return dict(sorted(found.items()))


def union_of(package: str, base: type[Model]) -> Any:
    """Build the pydantic union of all kinds of a base class, told apart by ``kind``."""
    members = tuple(kinds(package, base).values())
    if len(members) == 1:  # pydantic tells nothing apart where there is one
        return members[0]
    return Annotated[Union[members], Field(discriminator="kind")]  # noqa: UP007 - built at run time


def named_union_of(package: str, base: type[Model]) -> Any:
    """Build the union of all kinds of a base class that may also be given by their ``kind`` alone."""
    union, names = union_of(package, base), tuple(kinds(package, base))
    spelt = Union[Literal[names], union]  # type: ignore[valid-type] # noqa: UP007 - built at run time
    return Annotated[union, BeforeValidator(_spelt_out, json_schema_input_type=spelt)]


def _spelt_out(given: Any) -> Any:
    return {"kind": given} if isinstance(given, str) else given


def _concrete(base: type[Model]) -> list[type[Model]]:
    found, waiting = [], list(base.__subclasses__())
    while waiting:
        candidate = waiting.pop()
        waiting.extend(candidate.__subclasses__())
        field = candidate.model_fields.get("kind")
        if field is not None and isinstance(field.default, str):
            found.append(candidate)
    return found


def _is_foreign(candidate: type[Model]) -> bool:
    return not candidate.__module__.startswith("foldscape.")


@cache
def _plugins() -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)))


@cache
def _load_plugins(family: str) -> None:
    """Import the modules that add to a family; one that fails is named, and the rest works."""
    for point in _plugins():
        if point.name.partition(".")[0] != family:
            continue
        try:
            point.load()
        except Exception as error:
            warnings.warn(
                f"The plugin {point.name} ({point.value}) cannot be imported: {type(error).__name__}: {error}. "
                "It is left out; mend or uninstall it.",
                stacklevel=2,
            )
