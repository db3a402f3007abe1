"""The one reader of YAML, and of JSON, which is YAML: within limits, and with the line of what cannot be read.

Events are turned into plain values one by one, so that nothing larger than its limits is ever built: an alias costs
what it stands for, and a text that nests or repeats itself without end is refused where it does so.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from foldscape.errors import InvalidInput

MAX_CHARACTERS = 2**23
MAX_DEPTH = 40
MAX_VALUES = 1_000_000
MAX_DIGITS = 400
MAX_SECONDS = 30.0
"""Longer than the largest text within the other limits takes on a slow machine."""
MAX_DRAFT = 50_000
"""Values of a draft that somebody writes in a page: every letter of it is judged anew."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = "tag:yaml.org,2002:"
_CALLED = {"null": "null", "bool": "truth value", "int": "whole number", "float": "number", "timestamp": "date"}
_KINDS: dict[type, str] = {list: "a list", str: "a text"}
_SCALARS = {f"{_PLAIN}{name}" for name in _CALLED}
_LISTS, _MAPPINGS = (f"{_PLAIN}seq", "!", None), (f"{_PLAIN}map", "!", None)
_MERGE = f"{_PLAIN}merge"


class NotReadable(InvalidInput):
    """A text that is no YAML, or holds what no spec does.

    Attributes:
        line: Where, from 1; ``None`` where it is the whole text.
    """

    code = "not_readable"

    def __init__(self, message: str, line: int | None = None, *, hint: str = "") -> None:
        super().__init__(f"{f'line {line}: ' if line else ''}{message}.", hint=hint)
        self.line = line


def read_text(text: str, most: int = MAX_VALUES) -> Any:
    r"""Read a text as plain values: mappings, lists, texts, numbers, truth values and ``None``; a date is a text.

    Args:
        text: YAML or JSON; an empty text is ``None``.
        most: How many values it may hold.

    Returns:
        The value of the document.

    Raises:
        NotReadable: If it is neither, if a key stands twice, or if it is larger or deeper than any spec.

    Example:
        >>> read_text("batch: 16")
        {'batch': 16}
        >>> read_text("batch: 16\nbatch: 32")
        Traceback (most recent call last):
        foldscape.reading.NotReadable: line 2: the key 'batch' stands twice, first in line 1. Remove one of them.
    """
    if len(text) > MAX_CHARACTERS:
        raise NotReadable(f"the text has {len(text):,} characters; allowed are {MAX_CHARACTERS:,}")
    if strange := yaml.reader.Reader.NON_PRINTABLE.search(text):
        where = text.count("\n", 0, strange.start()) + 1
        raise NotReadable(f"the character U+{ord(strange[0]):04X} cannot stand in YAML", where, hint="Remove it.")
    try:
        return _Builder(text, most).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(part for part in (error.context, error.problem) if part)
        if mark and _tab_at(text, mark.line, mark.column):
            said = "YAML indents with spaces, and here stands a tab"
        last = text.rstrip().count("\n")  # The end is no line of its own.
        raise NotReadable(said or "this is no YAML", min(mark.line, last) + 1 if mark else None) from None


def read_mapping(text: str, most: int = MAX_VALUES) -> dict[str, Any]:
    """Read a text that holds fields; an empty one holds none.

    Returns:
        The fields by name.

    Raises:
        NotReadable: As ``read_text``, and if it holds anything but a mapping of fields.
    """
    plain = read_text(text, most)
    if plain is None:
        return {}
    if not isinstance(plain, dict):
        kind = _KINDS.get(type(plain), f"the value {plain!r:.40}")
        raise NotReadable(f"the text is {kind}, not a mapping of fields", hint="Write lines like `batch: 32`.")
    return plain


def read_file(path: Path) -> dict[str, Any]:
    """Read the fields in a file.

    Returns:
        The fields by name.

    Raises:
        OSError: If it cannot be opened.
        NotReadable: As ``read_mapping``, and if it is no text.
    """
    with path.open("rb") as file:
        raw = file.read(4 * MAX_CHARACTERS + 1)
    try:
        return read_mapping(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotReadable(f"byte {error.start} is no UTF-8 text", raw.count(b"\n", 0, error.start) + 1) from None


@dataclass(frozen=True)
class _Known:
    """What an anchor stands for, and what an alias of it costs."""

    value: Any
    values: int
    depth: int


class _Builder:
    """Builds the value of one document from the events of the parser."""

    def __init__(self, text: str, most: int) -> None:
        self._loader = _LOADER(text)
        self._most = most
        self._values = 0
        self._until = time.monotonic() + MAX_SECONDS
        self._anchors: dict[str, _Known | None] = {}

    def document(self) -> Any:
        """Give the value of the only document."""
        events = self._events()
        value: Any = None
        seen = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    raise _at(event, "a second document begins", "Keep one; each is a file of its own.")
                seen = True
                value = self._value(next(events), events, 1).value
        return value

    def _events(self) -> Iterator[Any]:
        while self._loader.check_event():
            yield self._loader.get_event()

    def _value(self, event: Any, events: Iterator[Any], depth: int) -> _Known:
        if depth > MAX_DEPTH:
            raise _at(event, f"values are nested deeper than {MAX_DEPTH} levels")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        self._count(event, 1)
        before, anchor = self._values, event.anchor
        if anchor is not None:
            if anchor in self._anchors:
                raise _at(event, f"the anchor &{anchor} stands twice")
            self._anchors[anchor] = None
        value, deep = self._built(event, events, depth)
        known = _Known(value, self._values - before + 1, deep)
        if anchor is not None:
            self._anchors[anchor] = known
        return known

    def _alias(self, event: Any, depth: int) -> _Known:
        if event.anchor not in self._anchors:
            raise _at(event, f"*{event.anchor} stands for nothing", f"Name it first, with &{event.anchor}.")
        known = self._anchors[event.anchor]
        if known is None:
            raise _at(event, f"*{event.anchor} holds itself")
        if depth + known.depth > MAX_DEPTH:
            raise _at(event, f"values are nested deeper than {MAX_DEPTH} levels")
        self._count(event, known.values)
        return known

    def _count(self, event: Any, values: int) -> None:
        self._values += values
        if self._values > self._most:
            raise _at(event, f"the text holds more than {self._most:,} values, those that aliases repeat included")
        if time.monotonic() > self._until:
            raise _at(event, f"the text could not be read within {MAX_SECONDS:g} s")

    def _built(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Any, int]:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event), 0
        if isinstance(event, yaml.SequenceStartEvent):
            if event.tag not in _LISTS:
                raise _tagged(event)
            return self._list(events, depth)
        if event.tag not in _MAPPINGS:
            raise _tagged(event)
        return self._mapping(events, depth)

    def _list(self, events: Iterator[Any], depth: int) -> tuple[list[Any], int]:
        found, deepest = [], 0
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            known = self._value(event, events, depth + 1)
            found.append(known.value)
            deepest = max(deepest, known.depth)
        return found, deepest + 1

    def _mapping(self, events: Iterator[Any], depth: int) -> tuple[dict[Any, Any], int]:
        found: dict[Any, Any] = {}
        merged: dict[Any, Any] = {}
        lines: dict[Any, int] = {}
        deepest = 0
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = "<<" if (merges := self._merges(event)) else self._key(event, events, depth)
            line = event.start_mark.line + 1
            if key in lines:
                raise NotReadable(
                    f"the key {key!r:.80} stands twice, first in line {lines[key]}", line, hint="Remove one of them."
                )
            lines[key] = line
            value = self._value(start := next(events), events, depth + 1)
            deepest = max(deepest, value.depth)
            if merges:
                merged = _merged(start, value.value)
            else:
                found[key] = value.value
        return {**merged, **found}, deepest + 1

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        key = self._value(event, events, depth + 1).value
        if isinstance(key, dict | list):
            raise _at(event, "a list or a mapping cannot be a key")
        return event.value if isinstance(key, bool) else key  # `on` is the name of a field

    def _merges(self, event: Any) -> bool:
        return isinstance(event, yaml.ScalarEvent) and event.value == "<<" and self._tag(event) == _MERGE

    def _tag(self, event: Any) -> str:
        if event.tag is not None and event.tag != "!":
            return str(event.tag)
        return str(self._loader.resolve(yaml.ScalarNode, event.value, event.implicit))

    def _scalar(self, event: Any) -> Any:
        tag, text = self._tag(event), event.value
        if tag == f"{_PLAIN}str" or tag in (f"{_PLAIN}value", _MERGE):
            return text
        if tag not in _SCALARS:
            raise _tagged(event)
        if len(text) > MAX_DIGITS:
            raise _at(event, f"a number of {len(text):,} digits is too long; allowed are {MAX_DIGITS}")
        try:
            node = yaml.ScalarNode(tag, text, event.start_mark, event.end_mark)
            value = self._loader.yaml_constructors[tag](self._loader, node)
        except (ValueError, KeyError, AttributeError, OverflowError):
            kind = _CALLED[tag.removeprefix(_PLAIN)]
            raise _at(event, f"{text!r:.80} is no {kind}", "Put it in quotes where it is a text.") from None
        return value.isoformat() if isinstance(value, datetime.date) else value


def _tab_at(text: str, line: int, column: int) -> bool:
    lines = text.split("\n", line + 1)
    return line < len(lines) and lines[line][column : column + 1] == "\t"


def _merged(event: Any, value: Any) -> dict[Any, Any]:
    """Give what ``<<`` brings: one mapping, or several of which the first counts."""
    found: dict[Any, Any] = {}
    for part in value if isinstance(value, list) else [value]:
        if not isinstance(part, dict):
            raise _at(event, "only mappings can be merged with <<")
        found = {**part, **found}
    return found


def _tagged(event: Any) -> NotReadable:
    tag = str(event.tag).replace(_PLAIN, "!!")
    return _at(event, f"the tag {tag:.80} is not taken here", "Write the plain value.")


def _at(event: Any, message: str, hint: str = "") -> NotReadable:
    return NotReadable(message, event.start_mark.line + 1, hint=hint)
