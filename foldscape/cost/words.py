"""A time for people."""

from __future__ import annotations


def duration_text(seconds: float) -> str:
    """Say a time for people.

    Returns:
        A number with its unit.

    Example:
        >>> duration_text(0.2), duration_text(300), duration_text(36_000)
        ('1 s', '5 min', '10.0 h')
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    if seconds < 5400:
        return f"{round(seconds / 60)} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172_800 else f"{seconds / 86_400:.1f} days"
