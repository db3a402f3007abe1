"""Where ``--source`` finds the weights that a run begins with."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer
from rich.console import Console

from foldscape.cli.reading import faults_named, read_yaml
from foldscape.errors import InvalidInput
from foldscape.landscape.recorded.run_record import StoredFrame
from foldscape.spec import RunSpec, Start
from foldscape.start import StartNet, StartSource
from foldscape.wire import from_base64

Place = Annotated[
    str | None,
    typer.Option(
        "--source",
        help="Where the weights of `start` are: a file of weights (.npz), the run's spec (it is trained first), its "
        "events as `foldscape run --events` writes them, or the address of a server that has the run.",
    ),
]
SECONDS_TO_ANSWER = 30


def read_source(place: str, spec: RunSpec, start: Start, console: Console) -> StartSource:
    """Give what has the weights of a run.

    Args:
        place: What was given as ``--source``.
        spec: The run that begins with them; of events, which do not tell, the net is taken to be of its kind.
        start: Which moment of which run.
        console: Where faults of a spec are told.

    Returns:
        The weights, or a record of the run.

    Raises:
        InvalidInput: If they cannot be read.
    """
    if place.startswith(("http://", "https://")):
        return StartNet.unpack(_fetched(place, start))
    path = Path(place)
    try:
        if path.suffix == ".npz":
            return StartNet.unpack(path.read_bytes())
        if path.suffix in (".yaml", ".yml") or not _is_events(path):
            return _trained(path, start, console)
        return _Events(path, spec, start.run)
    except OSError as error:
        raise InvalidInput(f"{place} cannot be read: {error.strerror}.", hint="Give a file that is there.") from None


def _trained(path: Path, start: Start, console: Console) -> StartSource:
    from foldscape.landscape.recorded import record

    plain = read_yaml(path, console)
    with faults_named(path, RunSpec, console):
        other = RunSpec.model_validate(plain)
    with console.status(f"Training {path}"):
        return record(other, name=start.run)


def _fetched(address: str, start: Start) -> bytes:
    step = "" if start.step is None else f"?step={start.step}"
    url = f"{address.rstrip('/')}/api/runs/{quote(start.run)}/weights{step}"
    token = os.environ.get("FOLDSCAPE_TOKEN")
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS_TO_ANSWER) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        raise InvalidInput(f"{url} refuses: {_said(error)}", hint="Choose another run or step.") from None
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{url} does not answer: {error}.", hint="Give the address of a running server.") from None


def _said(error: urllib.error.HTTPError) -> str:
    try:
        told = json.loads(error.read())["error"]
        return f"{told['message']} {told['hint']}".strip()
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}."


def _is_events(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        try:
            return "kind" in json.loads(file.readline())
        except (ValueError, TypeError):
            return False


class _Events:
    """The frames in a file of events."""

    def __init__(self, path: Path, spec: RunSpec, name: str) -> None:
        self.spec, self.name = spec, name
        self._frames: dict[tuple[int, int], StoredFrame] = {}
        with path.open(encoding="utf-8") as file:
            for line in file:
                event = json.loads(line)
                if event["kind"] == "frame":
                    self._frames[event["step"], event["seq"]] = StoredFrame(event, _arrays(event))

    def frame_ids(self) -> list[tuple[int, int]]:
        return list(self._frames)

    def frames(self, ids: Sequence[tuple[int, int]]) -> list[StoredFrame]:
        return [self._frames[one] for one in ids if one in self._frames]

    def frames_before(self, step: int | None) -> list[StoredFrame]:
        return self.frames([one for one in reversed(self._frames) if step is None or one[0] <= step])


def _arrays(event: dict[str, object]) -> dict[str, object]:
    """Read the arrays of a net out of a frame."""
    read: dict[str, object] = {}
    for name in ("weights", "biases", "edges", "primary"):
        value = event.get(name)
        if isinstance(value, list):
            read[name] = tuple(map(from_base64, value))
        elif isinstance(value, dict):
            read[name] = from_base64(value)
    return read
