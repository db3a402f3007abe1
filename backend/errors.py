"""The one JSON shape of every error, and the handlers that give it."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from kombu.exceptions import OperationalError
from pydantic import BaseModel, Field, ValidationError
from redis.exceptions import RedisError
from starlette.exceptions import HTTPException

from foldscape.errors import FoldscapeError
from foldscape.explain import explain, printable
from workers.run_log.away import Full

log = logging.getLogger(__name__)


class FieldError(BaseModel):
    """One value that cannot be used."""

    path: str = Field(description="Where it stands, as `optimizer.lr` or `net.hidden.0`; empty for the whole body.")
    message: str = Field(description="What is wrong, with the value given and what is allowed.")
    given: Any = Field(None, description="The value given, shortened; NaN and infinities as strings.")
    allowed: str = Field("", description="What is allowed there.")


class ApiError(BaseModel):
    """What went wrong and the way out."""

    code: str = Field(description="Stable name, for programs.")
    message: str = Field(description="What happened.")
    hint: str = Field("", description="What to do about it.")
    fields: list[FieldError] = Field(default_factory=list, description="The values that cannot be used.")


class ErrorAnswer(BaseModel):
    """Every answer with a status of 400 or more."""

    error: ApiError


class RequestError(Exception):
    """An error that a route raises on purpose.

    Attributes:
        status: HTTP status of the answer.
        error: What the answer says.
        headers: Further headers of the answer.
    """

    def __init__(self, status: int, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.error = ApiError(code=code, message=message, hint=hint)
        self.headers: dict[str, str] = {}


STATUS: dict[str, int] = {
    "invalid_input": 422,
    "run_not_found": 404,
    "frame_not_found": 404,
    "study_not_found": 404,
    "landscape_not_found": 404,
    "ensemble_not_found": 404,
    "sweep_not_found": 404,
    "not_possible": 409,
    "unreadable": 409,
    "not_on_disk": 409,
    "run_is_over": 409,
    "cannot_resume": 409,
    "blew_up": 409,
    "redis_is_away": 503,
}
"""HTTP status by the code of a ``FoldscapeError``; 400 for the rest."""

HTTP_CODES: dict[int, tuple[str, str]] = {
    400: ("bad_request", "Send what /docs describes."),
    401: ("token_needed", "Send the token as 'Authorization: Bearer <token>', or open the address printed at start."),
    403: ("forbidden", ""),
    404: ("not_found", "See /docs for the calls there are."),
    405: ("method_not_allowed", "See /docs for the methods of this address."),
    413: ("too_large", "Send less."),
    415: ("unsupported_media_type", "Send JSON with Content-Type: application/json."),
}
"""Code and hint of the errors that the framework itself raises."""


def error_response(status: int, error: ApiError, headers: Mapping[str, str] | None = None) -> Response:
    """Make the answer for an error."""
    text = json.dumps(printable({"error": error.model_dump()}), ensure_ascii=False, allow_nan=False)
    return Response(text.encode(), status, headers=headers, media_type="application/json")


def describe(problem: Exception) -> tuple[int, ApiError]:
    """Give status and error of any exception.

    Args:
        problem: What was raised.

    Returns:
        HTTP status and the error in its one shape.
    """
    match problem:
        case RequestError():
            return problem.status, problem.error
        case FoldscapeError():
            return STATUS.get(problem.code, 400), ApiError.model_validate(problem.describe())
        case ValidationError():
            return 422, invalid(explain(problem.errors(include_url=False)))
        case Full():
            return 507, ApiError(code="redis_is_full", message=problem.words, hint=problem.hint)
        case RedisError() | ConnectionError() | OperationalError():
            return 503, ApiError(
                code="redis_is_away",
                message="The run log (Redis) does not answer.",
                hint="It usually comes back by itself within seconds; otherwise see /api/health.",
            )
        case HTTPException():
            code, hint = HTTP_CODES.get(problem.status_code, (f"http_{problem.status_code}", ""))
            return problem.status_code, ApiError(code=code, message=str(problem.detail), hint=hint)
        case _:
            return 500, ApiError(
                code="server_error",
                message=f"The server failed on this request ({type(problem).__name__}).",
                hint="The server's log tells more; please report it.",
            )


def invalid(fields: list[dict[str, Any]]) -> ApiError:
    """Make the error that lists the values which cannot be used."""
    shown = [FieldError.model_validate(field) for field in fields]
    message = shown[0].message if len(shown) == 1 else f"{len(shown)} values cannot be used."
    return ApiError(code="invalid_input", message=message, hint="Change what 'fields' names.", fields=shown)


def install_error_handlers(api: FastAPI) -> None:
    """Give every error of an application the one shape."""

    async def on_invalid(request: Request, problem: Exception) -> Response:
        assert isinstance(problem, RequestValidationError)
        errors = list(problem.errors())
        if errors and errors[0]["type"] == "json_invalid":
            where, why = errors[0]["loc"][-1], errors[0]["ctx"]["error"]
            return error_response(
                400,
                ApiError(
                    code="bad_json", message=f"The body is not JSON: {why} at character {where}.", hint="Send JSON."
                ),
            )
        if isinstance(problem.body, bytes) and errors and tuple(errors[0]["loc"]) == ("body",):
            return error_response(415, ApiError(**_about(415, "The body has to be JSON.")))
        return error_response(422, invalid(explain(errors, _body_type(request.scope.get("route")))))

    async def on_any(request: Request, problem: Exception) -> Response:
        status, error = describe(problem)
        if status == 404 and error.code == "not_found":
            error.message = f"There is nothing at {request.url.path}."
        if status == 405:
            error.message = f"{request.url.path} does not answer {request.method}."
        if status == 500:
            log.error("%s %s failed", request.method, request.url.path, exc_info=problem)
        elif status > 500:
            log.warning("%s %s was not served: %s", request.method, request.url.path, problem)
        return error_response(status, error, getattr(problem, "headers", None))

    api.add_exception_handler(RequestValidationError, on_invalid)
    for kind in (RequestError, FoldscapeError, ValidationError, RedisError, OperationalError, HTTPException, Exception):
        api.add_exception_handler(kind, on_any)


def _about(status: int, message: str) -> dict[str, str]:
    code, hint = HTTP_CODES[status]
    return {"code": code, "message": message, "hint": hint}


ERRORS: dict[int | str, dict[str, Any]] = {
    "4XX": {"model": ErrorAnswer, "description": "What was asked cannot be done; says why and the way out."},
    "5XX": {"model": ErrorAnswer, "description": "A part of the system does not answer."},
}
"""The error answers of every route, for the OpenAPI page."""


def _body_type(route: Any) -> Any:
    """Give the type of a route's body with what tells its kinds apart, or ``None``."""
    field = getattr(route, "body_field", None)
    if field is None:
        return None
    told_apart = field.field_info.discriminator
    annotation = field.field_info.annotation
    return Annotated[annotation, Field(discriminator=told_apart)] if told_apart else annotation
