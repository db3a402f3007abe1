"""What stands before Dash: its own addresses are asked by its scripts alone, and answer nonsense like the API does.

Dash takes each such request for a fault of its own and answers 500.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import Response
from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.bodies import replayed
from backend.errors import ApiError, describe, error_response

CALLBACKS = "/_dash-update-component"
FILES = "/_dash-component-suites/"


class PropertyValue(BaseModel):
    """A property of a component, as the browser has it."""

    id: str
    property: str
    value: Any = None


class PropertyId(BaseModel):
    """A property that is asked for."""

    id: str
    property: str


class Call(BaseModel):
    """What Dash's scripts send to have a callback run."""

    output: str
    outputs: PropertyId
    inputs: list[PropertyValue]
    state: list[PropertyValue] = Field(default_factory=list)
    changedPropIds: list[str] = Field(default_factory=list)  # noqa: N815 - Dash's own name


class Door:
    """Pure ASGI middleware around Dash.

    Args:
        app: What stands behind it.
        callbacks: The callbacks by what they give, as Dash keeps them.
        has_file: Whether Dash serves a file, given its package and its path in that.
    """

    def __init__(
        self, app: ASGIApp, callbacks: Mapping[str, Mapping[str, Any]], has_file: Callable[[str, str], bool]
    ) -> None:
        self.app, self.callbacks, self.has_file = app, callbacks, has_file

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        path = scope.get("path", "")
        if scope["type"] == "http" and path.startswith(FILES) and not self._has_file(path.removeprefix(FILES)):
            error = ApiError(code="not_found", message=f"There is nothing at {path[:200]}.", hint="Reload the page.")
            await error_response(404, error)(scope, receive, send)
        elif scope["type"] == "http" and path == CALLBACKS and scope["method"] == "POST":
            body = await Request(scope, receive).body()
            refusal = self._refusal(Request(scope).headers.get("content-type", ""), body)
            await (refusal or self.app)(scope, replayed(body, receive), send)
        else:
            await self.app(scope, receive, send)

    def _has_file(self, path: str) -> bool:
        package, _, file = path.partition("/")
        return self.has_file(package, file)

    def _refusal(self, content_type: str, body: bytes) -> Response | None:
        if not content_type.startswith("application/json"):
            return error_response(415, ApiError(code="unsupported_media_type", message="The body has to be JSON."))
        try:
            call = Call.model_validate(json.loads(body))
        except ValidationError as problem:
            return error_response(*describe(problem))
        except (ValueError, RecursionError):
            return error_response(400, ApiError(code="bad_json", message="The body is not JSON.", hint="Send JSON."))
        if not self._knows(call):
            message = f"No callback of this version gives {call.output[:200]} of what was sent."
            return error_response(422, ApiError(code="unknown_callback", message=message, hint="Reload the page."))
        return None

    def _knows(self, call: Call) -> bool:
        known = self.callbacks.get(call.output)
        return (
            known is not None
            and "callback" in known
            and f"{call.outputs.id}.{call.outputs.property}" == call.output
            and _places(call.inputs) == [(one["id"], one["property"]) for one in known["inputs"]]
            and _places(call.state) == [(one["id"], one["property"]) for one in known["state"]]
        )


def _places(values: list[PropertyValue]) -> list[tuple[str, str]]:
    return [(value.id, value.property) for value in values]
