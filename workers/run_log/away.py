"""What Redis answers, or does not, when it should be asked again later; among it that it is full, in words."""

from __future__ import annotations

from typing import Any

import redis.asyncio.connection
import redis.connection
import redis.exceptions

NO_MEMORY = "OOM command not allowed"
NO_DISK = "MISCONF Errors writing to the AOF file: "


class Full(redis.exceptions.ResponseError):
    """Redis takes nothing more: its memory is at its limit, or it cannot write its file.

    Attributes:
        words: What is the matter, as a sentence.
        hint: The way out.
    """

    def __init__(self, words: str, hint: str) -> None:
        super().__init__(words)
        self.words, self.hint = words, hint


AWAY = (
    redis.exceptions.ConnectionError,  # BusyLoadingError among them
    redis.exceptions.TimeoutError,
    redis.exceptions.ReadOnlyError,
    redis.exceptions.TryAgainError,
    Full,
)


def full_memory() -> Full:
    """Make the error of a memory limit that is reached."""
    hint = "Delete runs, sweeps or landscapes, or raise FOLDSCAPE_REDIS_MB."
    return Full("Redis is full: its memory limit is reached.", hint)


def full_disk(why: str) -> Full:
    """Make the error of a file that cannot be written.

    Args:
        why: The reason of the system, as ``No space left on device``.

    Returns:
        The error, not raised.
    """
    why = why.strip().rstrip(".")
    return Full(f"Redis is full: its file cannot be written ({why}).", "Make room on the disk of the home folder.")


def _refusal(response: str) -> Full | None:
    """Read a refusal, which stands in the middle of the error of a script."""
    if NO_MEMORY in response:
        return full_memory()
    _, found, why = response.partition(NO_DISK)
    return full_disk(why.splitlines()[0]) if found else None


class _Told:
    """Gives the refusals of a full Redis a class of their own, for commands and scripts alike."""

    @classmethod
    def parse_error(cls, response: str) -> Any:
        return _refusal(response) or super().parse_error(response)  # type: ignore[misc]


class Parser(_Told, redis.connection.DefaultParser):  # type: ignore[misc, valid-type]
    """Reads what Redis answers."""


class AsyncParser(_Told, redis.asyncio.connection.DefaultParser):  # type: ignore[misc, valid-type]
    """Reads what Redis answers, in the web process."""
