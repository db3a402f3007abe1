"""What a spec may name where it may be a stranger's: anything in one's own process, little where others may ask.

A spec may come over HTTP, a factory is code, and a folder is somebody's. A worker loads the factories that
``FOLDSCAPE_MODULES`` names and reads pictures below ``FOLDSCAPE_DATA``; the web process judges by the same names and
loads nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

VARIABLE = "FOLDSCAPE_MODULES"
FACTORY = r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*:[A-Za-z][A-Za-z0-9_]*$"
"""A factory as specs name it: a dotted module, a colon, and a public name in it."""
_PREFIX = re.compile(FACTORY.replace(":[A-Za-z][A-Za-z0-9_]*$", "(:[A-Za-z][A-Za-z0-9_]*)?$"))


@dataclass(frozen=True)
class Allowed:
    """Whose factories may be loaded.

    Attributes:
        names: Dotted names of packages, modules or factories; ``None`` for all.
        loads: Whether this process may load them at all.
    """

    names: tuple[str, ...] | None = None
    loads: bool = True

    @classmethod
    def of(cls, told: str, *, loads: bool = True) -> Allowed:
        """Read a list as the variable holds it, ``my_package, other.nets:build``.

        Args:
            told: Names, separated by commas; empty allows none.
            loads: Whether this process may load them.

        Returns:
            What is allowed.

        Raises:
            ValueError: If one of them is no dotted name.

        Example:
            >>> Allowed.of("mine").covers("mine.nets:build"), Allowed.of("mine").covers("mine2:build")
            (True, False)
        """
        names = tuple(name.strip() for name in told.split(",") if name.strip())
        if strange := [name for name in names if not _PREFIX.fullmatch(name)]:
            raise ValueError(
                f"{VARIABLE} names {strange[0]!r}; give dotted names such as my_package or my_package.nets"
            )
        return cls(names, loads)

    def covers(self, reference: str) -> bool:
        """Whether a factory, or the module that something was defined in, is among what is named."""
        return self.names is None or any(
            reference == name or reference.startswith((f"{name}.", f"{name}:")) for name in self.names
        )

    def why_not(self, reference: str) -> str:
        """Say why a factory may not be loaded, as the end of a sentence that begins with it; empty where it may."""
        if self.covers(reference):
            return ""
        own = "run it with foldscape run or from Python, where all are"
        if not self.names:
            return (
                f"is not allowed here, where no modules are; start web and workers with {VARIABLE}=my_package, or {own}"
            )
        return (
            f"is not allowed here, where modules of {', '.join(self.names)} are; add it to {VARIABLE} of web and "
            f"workers, or {own}"
        )


_of_process = Allowed()
_of_context: ContextVar[Allowed | None] = ContextVar("allowed", default=None)


def allowed_here() -> Allowed:
    """Give what is allowed where this is called."""
    return _of_context.get() or _of_process


def is_hosted() -> bool:
    """Whether strangers may have asked for what is done here."""
    return allowed_here().names is not None


def confine(allowed: Allowed) -> None:
    """Allow this process nothing else from here on: a worker says it before its first run."""
    global _of_process
    _of_process = allowed


@contextmanager
def confined(allowed: Allowed) -> Iterator[None]:
    """Allow nothing else within the block, and in the tasks and threads that take its context over."""
    token = _of_context.set(allowed)
    try:
        yield
    finally:
        _of_context.reset(token)
