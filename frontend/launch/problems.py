"""What is wrong with a draft, field by field, in words: the value given and what is allowed."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from pydantic import ValidationError

MOST_SHOWN = 80


class Problem(TypedDict):
    """One complaint.

    Attributes:
        path: Where, as in ``optimizer.lr`` or ``net.hidden.0``; empty for the whole.
        message: What is wrong, with the value given.
        given: The value given.
        allowed: What would do, or empty.
    """

    path: str
    message: str
    given: str
    allowed: str


def problems(error: ValidationError, draft: Any) -> list[Problem]:
    """Tell each complaint of pydantic about a draft beside the field that it is about."""
    return [_problem(dict(complaint), draft) for complaint in error.errors(include_url=False)]


def path_of(location: tuple[Any, ...], draft: Any) -> str:
    """Give the path of a complaint within the draft itself.

    Pydantic's locations name the kind of a union's member; the draft has no such level, so it is left out.
    """
    path: list[str] = []
    here = draft
    for part in location:
        if isinstance(here, dict) and part not in here and here.get("kind") == part:
            continue
        path.append(str(part))
        here = _step(here, part)
    return ".".join(path)


def _step(here: Any, part: Any) -> Any:
    if isinstance(here, dict):
        return here.get(part)
    if isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
        return here[part]
    return None


def _problem(complaint: dict[str, Any], draft: Any) -> Problem:
    path = path_of(complaint["loc"], draft)
    context = complaint.get("ctx", {})
    match complaint["type"]:
        case "value_error":
            message = str(context.get("error", complaint["msg"]))
            return {"path": path or _named_first(message, draft), "message": message, "given": "", "allowed": ""}
        case "union_tag_invalid":
            return _spoken(f"{path}.kind", context["tag"], "one of " + context["expected_tags"].replace("'", ""))
        case "union_tag_not_found":
            return {"path": f"{path}.kind", "message": "the kind is missing", "given": "", "allowed": "one"}
        case "literal_error":
            return _spoken(path, complaint["input"], context["expected"].replace("'", ""))
        case "missing":
            return {"path": path, "message": "is missing", "given": "", "allowed": "a value"}
        case "extra_forbidden":
            return {"path": path, "message": "there is no such field; remove it", "given": "", "allowed": ""}
    return _spoken(path, complaint["input"], _allowed(complaint, context))


def _spoken(path: str, given: Any, allowed: str) -> Problem:
    shown = "nothing" if given in (None, "") else str(given)[:MOST_SHOWN]
    return {"path": path, "message": f"{shown} will not do", "given": shown, "allowed": allowed}


WORDS = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}


def _allowed(complaint: dict[str, Any], context: dict[str, Any]) -> str:
    limits = [f"{word} {context[name]:g}" for name, word in WORDS.items() if name in context]
    if limits:
        return ", ".join(limits)
    if "max_length" in context:
        return f"at most {context['max_length']} entries"
    kind = str(complaint["type"])
    for start, words in (("int", "a whole number"), ("float", "a number"), ("bool", "true or false")):
        if kind.startswith(start):
            return words
    return str(complaint["msg"]).removeprefix("Input should be ")


def _named_first(message: str, draft: Any) -> str:
    """Find the field that a complaint about the whole begins with, as in ``batch 900 is larger than …``."""
    word = re.match(r"[a-z_]+(\.[a-z_]+)*", message)
    if word is None or not isinstance(draft, dict):
        return ""
    return word.group()
