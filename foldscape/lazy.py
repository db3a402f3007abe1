"""What is worked out, or loaded, when it is first asked for."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Generic, Self, TypeVar, overload

from foldscape.errors import NotPossible

T = TypeVar("T")


class lazy(Generic[T]):  # noqa: N801 - reads as a decorator
    """Works a property out when it is first asked for, and keeps it in the instance.

    ``functools.cached_property`` of Python 3.11 holds one lock a class meanwhile, for all instances: forty runs in one
    process would measure one after another. Here two threads that ask for the same property of the same instance at
    once may both work it out; they get the same.
    """

    def __init__(self, compute: Callable[[Any], T]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type) -> T: ...

    def __get__(self, instance: object | None, owner: type) -> T | Self:
        if instance is None:
            return self
        value = self._compute(instance)
        instance.__dict__[self._name] = value
        return value


def exports(package: str, homes: Mapping[str, str | None]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Let a package give out names of its modules, each loaded when a name of it is first asked for.

    Args:
        package: Dotted name of the package.
        homes: Where each name stands: the module, as after ``from .``, or in full where it is of another package;
            ``None`` where the name is that of a module.

    Returns:
        What the package calls ``__getattr__`` and ``__dir__`` (PEP 562).
    """
    whole = f"{package.partition('.')[0]}."

    def loaded(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name]
        module = importlib.import_module(home if home and home.startswith(whole) else f".{home or name}", package)
        return getattr(module, name) if home else module

    def listed() -> list[str]:
        there = sys.modules[package].__dict__
        given_out = there.get("__all__", ())
        return sorted({*homes, *given_out, *(name for name in there if name.startswith("__"))})

    return loaded, listed


@cache
def load_reference(reference: str) -> Any:
    """Load what a reference names, as entry points write it.

    So a module says which code of a higher storey, or of a plugin, belongs to it, and imports none.

    Args:
        reference: ``module:name``.

    Returns:
        What stands there.

    Raises:
        NotPossible: If it is not there.

    Example:
        >>> load_reference("math:sqrt")(4)
        2.0
    """
    module, _, name = reference.partition(":")
    try:
        return getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise NotPossible(
            f"{reference} cannot be loaded: {error}.", hint="Mend or uninstall the package that names it."
        ) from error
