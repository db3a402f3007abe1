"""Discriminated unions that fill themselves: a new kind is one new file in its package, or in a plugin.

A plugin is an installed package with entry points in the group ``foldscape.plugins``. The name of one says what its
module adds to, the last part of the package's name, as ``probes`` or ``probes.mine``; its value is the module.
"""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BeforeValidator, Field

from foldscape.model import Model

GROUP = "foldscape.plugins"
_FAMILIES: set[str] = set()
_LEFT_OUT: dict[str, None] = {}


def leave_out(why: str) -> None:
    """Warn that something a plugin adds is left out, once in a process, and note it down for ``left_out``.

    Args:
        why: What is left out, why, and the way out, in sentences.
    """
    if why not in _LEFT_OUT:
        _LEFT_OUT[why] = None
        warnings.warn(why, stacklevel=3)


def left_out() -> list[str]:
    """Say what was left out of what plugins add; to be asked once all that they can add to has been imported.

    Returns:
        Sentences.
    """
    lost = [point for point in _plugins() if _family(point) not in _FAMILIES]
    known = ", ".join(sorted(_FAMILIES))
    return [
        *_LEFT_OUT,
        *(
            f"The plugin {point.name} ({point.value}) adds to nothing that there is; it is left out. "
            f"Begin its name with one of {known}."
            for point in lost
        ),
    ]


def kinds(package: str, base: type[Model], tag: str = "kind", family: str = "") -> dict[str, type[Model]]:
    """Import every module of a package, and those that plugins add, and collect the concrete kinds of a base class.

    Args:
        package: Dotted name of the package whose modules declare the kinds.
        base: Their common base; a subclass is concrete when its ``kind`` is one word.
        tag: The field that tells them apart.
        family: What plugins call it; the last part of the package's name when not given.

    Returns:
        The classes by their ``kind``, in alphabetical order; of a plugin's class whose kind is there already nothing
        is taken, with a warning. Classes outside the product and its plugins, as of a script, are none of them.
    """
    path = importlib.import_module(package).__path__
    for module in pkgutil.iter_modules(path):
        importlib.import_module(f"{package}.{module.name}")
    _load_plugins(family or package.rpartition(".")[2])
    found: dict[str, type[Model]] = {}
    for kind, candidate in sorted(_concrete(base, tag), key=lambda each: _is_foreign(each[1])):
        mine = f"{candidate.__module__} declares the {tag} {kind}"
        if not _is_foreign(candidate):
            found[kind] = candidate
        elif kind in found:
            leave_out(f"{mine}, which {found[kind].__module__} has already; it is left out. Give it another {tag}.")
        elif missing := _missing(base, candidate):
            leave_out(f"{mine} without {' and '.join(missing)}; it is left out. Declare that in its class.")
        else:
            found[kind] = candidate
    return dict(sorted(found.items()))


def union_of(
    package: str,
    base: type[Model],
    tag: str = "kind",
    family: str = "",
    usual: str = "",
    also: Mapping[str, str] = MappingProxyType({}),
) -> Any:
    """Build the pydantic union of all kinds of a base class, told apart by a field.

    Args:
        package: As for ``kinds``.
        base: As for ``kinds``.
        tag: As for ``kinds``.
        family: As for ``kinds``.
        usual: The kind of a record that names none; without it each has to name its own.
        also: Other names of kinds, where there is a usual one, and those that are written.

    Returns:
        The union, as an annotation.
    """
    members = tuple(kinds(package, base, tag, family).values())
    if len(members) == 1:  # pydantic tells nothing apart where there is one
        return members[0]
    union: Any = Annotated[Union[members], Field(discriminator=tag)]  # noqa: UP007 - built at run time
    if not usual:
        return union

    def named(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        given = value.get(tag, usual)
        return {**value, tag: also.get(given, given) if isinstance(given, str) else given}

    return Annotated[union, BeforeValidator(named)]


def named_union_of(package: str, base: type[Model]) -> Any:
    """Build the union of all kinds of a base class that may also be given by their ``kind`` alone."""
    union, names = union_of(package, base), tuple(kinds(package, base))
    spelt = Union[Literal[names], union]  # type: ignore[valid-type] # noqa: UP007 - built at run time
    return Annotated[union, BeforeValidator(_spelt_out, json_schema_input_type=spelt)]


def _spelt_out(given: Any) -> Any:
    return {"kind": given} if isinstance(given, str) else given


def _concrete(base: type[Model], tag: str) -> list[tuple[str, type[Model]]]:
    found, waiting = [], list(base.__subclasses__())
    while waiting:
        candidate = waiting.pop()
        waiting.extend(candidate.__subclasses__())
        field = candidate.model_fields.get(tag)
        words = get_args(field.annotation) if field and get_origin(field.annotation) is Literal else ()
        if len(words) == 1 and _is_known(candidate):
            found.append((words[0], candidate))
    return found


def _is_known(candidate: type[Model]) -> bool:
    """Whether a class stands in the product or in a plugin; what somebody declares elsewhere is nobody else's."""
    return candidate.__module__.partition(".")[0] in _roots()


@cache
def _roots() -> frozenset[str]:
    return frozenset(("foldscape", *(point.module.partition(".")[0] for point in _plugins())))


def _missing(base: type[Model], candidate: type[Model]) -> list[str]:
    """Name what a base asks its kinds to declare of their class and one does not."""
    return [name for name in sorted(base.__class_vars__) if not hasattr(candidate, name)]


def _is_foreign(candidate: type[Model]) -> bool:
    return not candidate.__module__.startswith("foldscape.")


@cache
def _plugins() -> tuple[EntryPoint, ...]:
    return tuple(sorted(entry_points(group=GROUP), key=lambda point: (point.name, point.value)))


def _family(point: EntryPoint) -> str:
    return point.name.partition(".")[0]


@cache
def _load_plugins(family: str) -> None:
    """Import the modules that add to a family; one that fails is named, and the rest works."""
    _FAMILIES.add(family)
    for point in _plugins():
        if _family(point) != family:
            continue
        try:
            point.load()
        except (Exception, SystemExit) as error:  # whatever it is, it is theirs
            why = " ".join(f"{type(error).__name__}: {error}".split())
            leave_out(
                f"The plugin {point.name} ({point.value}) cannot be imported: {why:.300}. It is left out; mend or "
                "uninstall it."
            )
