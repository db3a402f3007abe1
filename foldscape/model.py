"""The base of everything typed that travels: frozen, closed to unknown keys, finite numbers only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationInfo,
    model_serializer,
    model_validator,
)
from pydantic_core import to_jsonable_python

M = TypeVar("M", bound=BaseModel)
ACCEPTED_ONCE = object()
"""Context of a validation that reads what was accepted when it was stored, see ``foldscape.stored``."""


class Model(BaseModel):
    """A frozen record that refuses unknown keys, NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True)


class Named(Model):
    """A kind with settings, which is written as its kind alone where all settings are at their defaults.

    So a field that once held a name may get settings, and what is stored keeps its digest. ``registry.named_union_of``
    reads both forms.
    """

    kind: str

    @property
    def is_plain(self) -> bool:
        """Whether every setting is at its default."""
        return all(getattr(self, name) == self._default(name) for name in type(self).model_fields if name != "kind")

    @classmethod
    def _default(cls, name: str) -> Any:
        return cls.model_fields[name].get_default(call_default_factory=True)

    @model_serializer(mode="wrap")
    def _written(self, whole: SerializerFunctionWrapHandler) -> str | dict[str, Any]:
        return self.kind if self.is_plain else whole(self)


def added(default: Any = ..., *, default_factory: Callable[[], Any] | None = None, **limits: Any) -> Any:
    """Declare a field that a stored record may lack, because it was written before there was such a field.

    It is written only where it differs from its default. So a spec that does not use it is written as it always was,
    and keeps the digest by which it is found.

    Args:
        default: What a record without it has.
        default_factory: Makes the default, where it cannot be shared.
        **limits: What ``pydantic.Field`` takes besides.

    Returns:
        The field.
    """
    if default_factory is None:
        return Field(default=default, exclude_if=lambda value: value == default, **limits)
    made = default_factory()
    told = {"default": to_jsonable_python(made), **limits.pop("json_schema_extra", {})}  # A schema tells no factory's.
    return Field(
        default_factory=default_factory, exclude_if=lambda value: value == made, json_schema_extra=told, **limits
    )


def in_forms(*, advanced: bool = False, **matters: Any) -> dict[str, Any]:
    """Say where a form shows a field: what goes to ``json_schema_extra``, and out with the schema.

    Args:
        advanced: Whether it is folded away until somebody looks for it or it is not at its default.
        **matters: Fields beside it and the value, or the list of values, with which it means anything; ``True`` is
            any value but none, 0 and ``False``.

    Returns:
        The marks.

    Example:
        >>> in_forms(activation="leaky_relu")
        {'matters': {'activation': ['leaky_relu']}}
    """
    allowed = {name: given if isinstance(given, list) else [given] for name, given in matters.items()}
    return ({"advanced": True} if advanced else {}) | ({"matters": allowed} if allowed else {})


def held_together(held: Callable[[M], M]) -> Any:
    """Declare what the fields of a record have to fulfil together.

    Such a rule may become stricter. It is asked of what is new, and not of what was accepted once, which stays
    readable as it was stored.

    Args:
        held: Gives the record back, or raises ``ValueError`` with what is wrong.

    Returns:
        A pydantic validator.
    """

    def asked(self: M, info: ValidationInfo) -> M:
        return self if info.context is ACCEPTED_ONCE else held(self)

    return model_validator(mode="after")(asked)


def chosen(value: Any) -> Any:
    """Give a record as plain values: what differs from the defaults, and every kind."""
    if isinstance(value, Named) and value.is_plain:
        return value.kind
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        named = {name: getattr(value, name) for name in fields}
        return {
            name: chosen(item)
            for name, item in named.items()
            if name == "kind" or item != fields[name].get_default(call_default_factory=True)
        }
    return [chosen(item) for item in value] if isinstance(value, tuple) else value
