"""The Lua scripts, read from their files; each begins with the common part."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def script(name: str) -> str:
    """Give the text of ``workers/lua/<name>.lua`` behind that of ``common.lua``."""
    folder = files("workers") / "lua"
    return "\n".join((folder / f"{part}.lua").read_text(encoding="utf-8") for part in ("common", name))
