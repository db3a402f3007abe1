"""What a run does where its settings do not say: fields that are written only where they differ from their default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_jsonable_python

from foldscape.model import chosen


def dotted_settings(settings: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Give nested settings by dotted path; lists stay whole.

    Returns:
        The values by their paths.

    Example:
        >>> dotted_settings({"net": {"hidden": [4, 2]}, "batch": 16})
        {'net.hidden': [4, 2], 'batch': 16}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        at = f"{path}{name}"
        found |= dotted_settings(value, f"{at}.") if isinstance(value, Mapping) else {at: value}
    return found


def filled(groups: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Give every group what others set and it leaves at its default.

    Args:
        groups: Flat settings of each group.

    Returns:
        The same, with the defaults of fields that any of them has; what is no field of a run stays as it is.

    Example:
        >>> filled([{"corrupt.labels": 0.5}, {"batch": 16}])[1]
        {'corrupt.labels': 0.0, 'batch': 16}
    """
    known = defaults()
    named = {path for settings in groups for path in settings if path in known}
    lent = {path: value for path, value in known.items() if path in named}
    return [{**lent, **settings} for settings in groups] if lent else groups


def usual(groups: Sequence[Mapping[str, Any]]) -> list[set[str]]:
    """Give what goes without saying in each group: settings of a record, at their defaults, that others do not have.

    Args:
        groups: Flat settings of each group.

    Returns:
        Paths of each group, such as ``corrupt.pixels`` where labels are corrupted.
    """
    tops = [{path.split(".")[0] for path in settings} for settings in groups]
    some = {name for name in _adapters() if 0 < sum(name in top for top in tops) < len(tops)}
    return [{path for name in some for path in _at_defaults(name, settings)} for settings in groups]


@cache
def defaults() -> dict[str, Any]:
    """Give the defaults of a run's fields that are written only where they differ, by dotted path."""
    from foldscape.spec import RunSpec

    run = RunSpec()
    return dotted_settings({name: to_jsonable_python(getattr(run, name)) for name in _adapters()})


@cache
def _adapters() -> dict[str, TypeAdapter[Any]]:
    from foldscape.spec import RunSpec

    given: dict[str, Any] = {
        name: field.annotation for name, field in RunSpec.model_fields.items() if field.exclude_if is not None
    }
    return {name: TypeAdapter(told) for name, told in given.items()}


def _at_defaults(name: str, settings: Mapping[str, Any]) -> set[str]:
    own = [path for path in settings if path.startswith(f"{name}.")]
    record = {path.removeprefix(f"{name}."): settings[path] for path in own}
    try:
        told = chosen(_adapters()[name].validate_python(record))
    except ValidationError:  # settings of records within it, or of what is no longer known: all of them are said
        return set()
    return {path for path in own if path.removeprefix(f"{name}.") not in told}
