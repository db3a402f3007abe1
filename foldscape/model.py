"""The base of everything typed that travels: frozen, closed to unknown keys, finite numbers only."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen record that refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


def chosen(value: Any) -> Any:
    """Give a record as plain values: what differs from the defaults, and every kind."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        named = {name: getattr(value, name) for name in fields}
        return {
            name: chosen(item)
            for name, item in named.items()
            if name == "kind" or item != fields[name].get_default(call_default_factory=True)
        }
    return [chosen(item) for item in value] if isinstance(value, tuple) else value
