"""Load a factory and let it make its module; whatever goes wrong is one sentence beside the field."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from foldscape.errors import FieldRefused
from foldscape.hosting import allowed_here

GIVEN = ("shape", "classes")
"""What a factory is told of the data, where it takes it by these names."""
LONGEST = 200
"""Characters of an error of a factory that are told."""


class FactoryRefused(FieldRefused):
    """A factory that is not allowed, not there, or makes no module that can be trained.

    Args:
        reference: The factory.
        message: What is the matter, behind its name.
        hint: The way out.
        field: The field of the net that it is beside.
    """

    def __init__(self, reference: str, message: str, hint: str, field: str = "factory") -> None:
        super().__init__(f"the factory {reference} {message}", path=f"net.{field}", given=reference, hint=hint)


def refuse_unless_allowed(reference: str) -> None:
    """Refuse a factory that may not be loaded here.

    Raises:
        FactoryRefused: With what is allowed and the way out.
    """
    allowed = allowed_here()
    if not allowed.loads:
        raise FactoryRefused(reference, "is never loaded by the web process", "Leave what needs the net to a worker.")
    if why := allowed.why_not(reference):
        what, _, way = why.partition("; ")
        raise FactoryRefused(reference, what, f"{way[:1].upper()}{way[1:]}.")


def factory_of(reference: str) -> Callable[..., Any]:
    """Load a factory.

    Args:
        reference: ``module:name``.

    Returns:
        What stands there: something that can be called; where not all modules are allowed, a function or class that
        was defined in one that is, so that no other is reached through what it imports.

    Raises:
        FactoryRefused: If it is not allowed, or not there.
    """
    refuse_unless_allowed(reference)
    allowed = allowed_here()
    home, _, name = reference.partition(":")
    found = getattr(_module(reference, home), name, None)
    if not callable(found):
        what = "is not there" if found is None else f"is a {type(found).__name__}, which cannot be called"
        raise FactoryRefused(reference, what, f"Name a function of {home} that gives an nn.Module.")
    if allowed.names is not None and not _is_defined_in_one(found, name, allowed.covers):
        raise FactoryRefused(
            reference, "was not defined in a module that is allowed here", "Name the function where it is defined."
        )
    made: Callable[..., Any] = found
    return made


def module_of(reference: str, options: Mapping[str, Any], shape: tuple[int, ...], classes: int) -> nn.Module:
    """Let a factory make its module.

    Args:
        reference: The factory.
        options: What it is called with.
        shape: Shape of one sample, given as ``shape`` where the factory takes that.
        classes: Number of outputs K, given as ``classes`` where it takes that.

    Returns:
        The module.

    Raises:
        FactoryRefused: If it is not allowed, not there, fails, or gives something else.
    """
    factory = factory_of(reference)
    told = {"shape": shape, "classes": classes}
    taken = {name: value for name, value in told.items() if name in _named(factory)}
    try:
        made = factory(**taken, **options)
    except (Exception, SystemExit) as error:
        called = ", ".join([*taken, *options]) or "nothing"
        raise FactoryRefused(
            reference, f"fails: {cut_short(error)}", f"It was called with {called}; call it so once by itself."
        ) from error
    if not isinstance(made, nn.Module):
        raise FactoryRefused(
            reference, f"gives a {type(made).__name__} and no torch.nn.Module", "Let it return the module itself."
        )
    return made


def cut_short(error: BaseException) -> str:
    """Name an error of somebody else's code, with what it says cut short."""
    said = " ".join(str(error).split())
    cut = said if len(said) <= LONGEST else f"{said[:LONGEST].rstrip()}…"
    return f"{type(error).__name__}: {cut}".rstrip(": .")


def _module(reference: str, home: str) -> Any:
    try:
        return importlib.import_module(home)
    except (Exception, SystemExit) as error:
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if missing and (home == missing or home.startswith(f"{missing}.")):
            what, way = (
                f"is not there: no module {missing} can be imported",
                "Install its package, or set PYTHONPATH to",
            )
            raise FactoryRefused(reference, what, f"{way} the folder that holds it.") from error
        what = f"cannot be imported: {cut_short(error)}"
        raise FactoryRefused(reference, what, f"Import {home} once by itself.") from error


def _is_defined_in_one(found: Any, name: str, covers: Callable[[str], bool]) -> bool:
    """Whether something is a function or a class of an allowed module, not one that it imports from elsewhere."""
    home = found.__module__ if inspect.isfunction(found) or inspect.isclass(found) else None
    return isinstance(home, str) and covers(f"{home}:{name}")


def _named(factory: Callable[..., Any]) -> frozenset[str]:
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):
        return frozenset()
    by_name = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    return frozenset(one.name for one in parameters if one.kind in by_name)
