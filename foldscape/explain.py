"""Turns what pydantic says about a value into words for people: where it stands, what was given, what is allowed."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError

MAX_FIELDS = 50
MAX_SHOWN = 200

_PLACES = ("body", "query", "path", "header", "cookie")
_LEADING_PATH = re.compile(r"([a-z_]+(?:\.(?:[a-z_]+|\d+))*) ")
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_PLAIN = ("integer", "number", "string", "boolean", "null")
_PATTERNS = {r"^[A-Za-z0-9_-]+$": "a text of letters, digits, - and _ only"}
_QUOTED = re.compile(r"'([^']*)'")


def explain(errors: Iterable[Mapping[str, Any]], model: Any = None) -> list[dict[str, Any]]:
    """Explain validation errors, field by field.

    Args:
        errors: The list that pydantic's ``errors()`` gives.
        model: Type of the request's body, to name what is allowed; may be missing.

    Returns:
        For each error ``path``, ``message``, ``given`` and ``allowed``; at most ``MAX_FIELDS``.
    """
    schema = _schema(model) if model is not None else {}
    told = (_explain(error, schema) for error in errors)
    once = {(each["path"], each["message"]): each for each, _ in zip(told, range(MAX_FIELDS), strict=False)}
    return list(once.values())


def printable(value: Any) -> Any:
    """Make a value safe for JSON: no NaN, no infinity, no broken text, nothing unknown."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {printable(str(key)): printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [printable(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def shortened(value: Any) -> Any:
    """Make a value safe for JSON and short enough to show; long ones become the beginning of their text."""
    if isinstance(value, int) and abs(value) >= 10**21:
        return f"{str(value)[:21]}… ({len(str(value))} digits)"
    if isinstance(value, str | bytes):
        text = printable(value[: MAX_SHOWN + 1])
        return text if len(value) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(value)} characters)"
    if isinstance(value, Mapping | list | tuple | set):
        text = repr(value) if len(value) <= MAX_SHOWN else ""
        if 0 < len(text) <= MAX_SHOWN:
            return printable(value)
        return f"{'an object' if isinstance(value, Mapping) else 'a list'} of {len(value)} entries"
    return printable(value)


def _explain(error: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    location = list(error["loc"])
    if location and location[0] in _PLACES:
        place = location.pop(0)
        schema = schema if place == "body" else {}
    kind, given, context = error["type"], error.get("input"), error.get("ctx", {})
    path, owner, node = _walk(location, schema)
    allowed = _allowed(error, node)
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        path.append(str(context.get("discriminator", "kind")).strip("'"))
        given = context.get("tag")
        allowed = allowed or _listed(_tags(node))
    if kind == "missing" or (kind == "union_tag_not_found"):
        given = None
        message = f"{_dotted(path) or 'the body'} is missing" + (f"; give {allowed}" if allowed else "")
    elif kind == "extra_forbidden":
        known = list(owner.get("properties", {}))
        allowed = _listed(known)
        near = difflib.get_close_matches(str(path[-1]), known, 1)
        message = f"{_dotted(path)} is not known here" + (f"; did you mean {near[0]}?" if near else "")
        if not near and known:
            message += f"; allowed are {allowed}"
    elif kind == "value_error":
        message = str(error["msg"]).removeprefix("Value error, ")
        if (lead := _LEADING_PATH.match(message)) and lead[1].split(".")[0] in node.get("properties", {}):
            message = ".".join(filter(None, (_dotted(path), message)))
            given = _dig(given, lead[1].split("."))
            path += lead[1].split(".")
        allowed = message.partition("; ")[2]
        if path and _dotted(path) not in message:
            message = f"{_dotted(path)}: {message}"
    else:
        message = f"{_dotted(path) or 'the body'} is {_said(given)}; it has to be {allowed}"
    return {"path": _dotted(path), "message": message, "given": shortened(given), "allowed": allowed}


def _walk(location: Sequence[Any], schema: Mapping[str, Any]) -> tuple[list[Any], Mapping[str, Any], Mapping[str, Any]]:
    """Follow a location: the path without union tags, the schema of its last owner, and its own schema."""
    path: list[Any] = []
    root, node = schema, _resolve(schema, schema)
    owner = node
    for part in location:
        if _plain_branches(node):
            break  # what follows tells the branches apart, and each complains of the one value
        tags = _tags(node)
        if part in tags and node.get("discriminator"):
            node = _resolve(root, {"$ref": node["discriminator"]["mapping"][part]})
            owner = node
            continue
        path.append(part)
        owner = node
        if isinstance(part, int):
            prefix = node.get("prefixItems", [])
            node = prefix[part] if part < len(prefix) else node.get("items", {})
        else:
            node = node.get("properties", {}).get(part, {})
        node = _resolve(root, node)
    return path, owner, node


def _resolve(root: Mapping[str, Any], node: Any) -> Mapping[str, Any]:
    """Follow references, and the one real branch of what may also be null."""
    while isinstance(node, Mapping):
        if "$ref" in node:
            node = root.get("$defs", {}).get(str(node["$ref"]).rsplit("/", 1)[-1], {})
        elif "anyOf" in node:
            real = [branch for branch in node["anyOf"] if branch.get("type") != "null"]
            real = [branch for branch in real if "discriminator" in branch] or real  # others name a kind for short
            if len(real) != 1:
                return node
            node = {**node, **real[0], "nullable": True}
            del node["anyOf"]
        else:
            return node
    return {}


def _tags(node: Mapping[str, Any]) -> list[str]:
    return list(node.get("discriminator", {}).get("mapping", {}))


def _plain_branches(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Give what a value may be, where it may be plain things of several sorts: a number, or a word instead."""
    branches = list(node.get("anyOf", []))
    return branches if branches and all("const" in each or each.get("type") in _PLAIN for each in branches) else []


def _sort(node: Mapping[str, Any]) -> str:
    """Say of one sort what is allowed."""
    if "const" in node:
        return str(node["const"])
    return ", ".join(part for part in (_TYPES[str(node["type"])], _bounds(node)) if part)


def _allowed(error: Mapping[str, Any], node: Mapping[str, Any]) -> str:
    context, kind = error.get("ctx", {}), error["type"]
    if branches := _plain_branches(node):
        return ", or ".join(map(_sort, branches))
    if kind in ("literal_error", "enum"):
        return _listed(_QUOTED.findall(str(context.get("expected", "")))) or str(context.get("expected", ""))
    if kind == "union_tag_invalid":
        return _listed(_QUOTED.findall(str(context.get("expected_tags", ""))))
    if kind == "model_attributes_type" and _tags(node):
        return f"an object whose kind is {_listed(_tags(node))}"
    bounds = _bounds(node) or _bounds_in(context)
    if kind.startswith(("greater_than", "less_than")):
        return bounds
    if kind in ("string_too_long", "string_too_short"):
        least, most = context.get("min_length"), context.get("max_length")
        some = "a character" if (least or most) == 1 else f"{least or most:,} characters"
        return f"a text of at {'most' if least is None else 'least'} {some}"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(context.get("pattern")), f"a text that matches {context.get('pattern')}")
    if kind == "too_long":
        return f"at most {context.get('max_length')} entries"
    if kind == "too_short":
        return f"at least {context.get('min_length')} entries"
    if kind == "finite_number":
        return f"a finite number{', ' if bounds else ''}{bounds}"
    name = _TYPES.get(str(node.get("type", "")))
    if name and kind != "missing":
        return ", ".join(part for part in (name, bounds) if part) + (" or null" if node.get("nullable") else "")
    if kind in ("missing", "union_tag_not_found"):
        return name or ""
    message = str(error.get("msg", ""))
    return message.partition("should be ")[2] or message


def _bounds(node: Mapping[str, Any]) -> str:
    names = {
        "exclusiveMinimum": "greater than",
        "minimum": "at least",
        "exclusiveMaximum": "less than",
        "maximum": "at most",
    }
    return " and ".join(f"{words} {_number(node[key])}" for key, words in names.items() if key in node)


def _bounds_in(context: Mapping[str, Any]) -> str:
    names = {"gt": "greater than", "ge": "at least", "lt": "less than", "le": "at most"}
    return " and ".join(f"{words} {_number(context[key])}" for key, words in names.items() if key in context)


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else str(value)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + " or " + names[-1] if len(names) > 1 else "".join(names)


def _said(given: Any) -> str:
    short = shortened(given)
    if short in (None, ""):
        return "null" if short is None else "empty"
    return str(short).lower() if isinstance(short, bool) else str(short)


def _dotted(path: Sequence[Any]) -> str:
    return ".".join(str(shortened(part)) for part in path)


def _dig(value: Any, path: Sequence[str]) -> Any:
    for part in path:
        if isinstance(value, list | tuple) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            value = value.get(part) if isinstance(value, Mapping) else None
    return value


@lru_cache(maxsize=32)
def _schema(model: Any) -> dict[str, Any]:
    try:
        return TypeAdapter(model).json_schema()
    except (PydanticUserError, PydanticInvalidForJsonSchema, TypeError):
        return {}
