"""A time for people."""

from __future__ import annotations


def told(seconds: float) -> str:
    """Say a time for people.

    Returns:
        A number with its unit.

    Example:
        >>> told(0.2), told(300), told(36_000)
        ('1 s', '5 min', '10.0 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
