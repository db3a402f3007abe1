"""The outermost layer: who may speak to the product at all, and how much at once.

Against other pages in the same browser: the Host must be one of ours (DNS rebinding), a foreign Origin may neither
change anything nor open a socket. Against other people: a token, as bearer or as a cookie that ``/?token=`` sets.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from backend.bodies import replayed
from backend.errors import ApiError, error_response
from backend.nesting import MAX_NESTING, is_too_deep
from backend.policy import careful
from backend.repeating import repeated_key
from backend.settings import WebSettings, is_loopback

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
LONG = 50_000
"""Bytes of a body from which it is looked through off the event loop."""


class Guard:
    """Pure ASGI middleware; nothing behind it sees a request that it refuses.

    Args:
        app: What is guarded.
        settings: Token, names and limits.
    """

    def __init__(self, app: ASGIApp, settings: WebSettings) -> None:
        self.app = app
        self.token = settings.token
        self.names = settings.names
        self.limit = round(settings.body_mb * 2**20)
        # The name tells products on two ports of one machine apart: cookies do not know ports.
        self.cookie = "foldscape_" + hashlib.sha256(settings.token.encode()).hexdigest()[:8]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        if scope["type"] == "http":
            send = careful(send)
        headers = Headers(scope=scope)
        if refusal := self._refusal(scope, headers):
            await _refuse(scope, receive, send, *refusal)
            return
        if self.token and not self._has_token(headers):
            if (answer := self._entry(scope)) is not None:
                await answer(scope, receive, send)
            else:
                await _refuse(scope, receive, send, 401, "token_needed", "This server asks for its token.", _TOKEN_HINT)
            return
        if self.token and scope["type"] == "http" and scope["method"] == "GET" and b"token=" in scope["query_string"]:
            answer = self._entry(scope)
            if answer is not None:
                await answer(scope, receive, send)
                return
        if scope["type"] == "http":
            body = await self._body(headers, receive)
            if body is None:
                message = f"The body is larger than {self.limit} bytes."
                await _refuse(scope, receive, send, 413, "too_large", message, "Send less.")
                return
            if fault := await _fault_of(body, headers):
                await _refuse(scope, receive, send, 400, "bad_json", *fault)
                return
            receive = replayed(body, receive) if body else receive
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> tuple[int, str, str, str] | None:
        host = headers.get("host", "")
        if not self._knows(_name(host)):
            hint = "Add the name to FOLDSCAPE_HOSTS, or use localhost."
            return 400, "foreign_host", f"This server does not answer to the name {host[:100]!r}.", hint
        origin = headers.get("origin")
        changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
        if origin is not None and changes and not _same_place(origin, host):
            hint = "Only the product's own pages may change anything; scripts send no Origin."
            return 403, "foreign_origin", f"A page of {origin[:100]!r} asked.", hint
        return None

    def _knows(self, name: str) -> bool:
        if is_loopback(name) or name in self.names:
            return True
        # An address cannot be rebound, and with a token strangers are kept out anyway.
        return bool(self.token) and _is_address(name)

    def _has_token(self, headers: Headers) -> bool:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = bearer.strip() if scheme.lower() == "bearer" else ""
        if not given:
            given = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return self._is_token(given)

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode())

    def _entry(self, scope: Scope) -> RedirectResponse | None:
        """Turn ``/?token=`` into a cookie and the same address without it."""
        if scope["type"] != "http" or scope["method"] != "GET":
            return None
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = [value for name, value in query if name == "token"]
        if not given or not self._is_token(given[-1]):
            return None
        rest = urlencode([(name, value) for name, value in query if name != "token"])
        # A leading "//" would name another host.
        path = "/" + scope["path"].lstrip("/\\")
        answer = RedirectResponse(path + (f"?{rest}" if rest else ""), status_code=303)
        answer.set_cookie(self.cookie, self.token, httponly=True, samesite="strict", secure=scope["scheme"] == "https")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["Referrer-Policy"] = "no-referrer"
        return answer

    async def _body(self, headers: Headers, receive: Receive) -> bytes | None:
        """Read the body of a request, or give ``None`` when it exceeds the limit."""
        length = headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self.limit:
            return None
        if "transfer-encoding" not in headers and length in ("", "0"):
            return b""
        read = bytearray()
        while True:
            message = await receive()
            read += message.get("body", b"")
            if len(read) > self.limit:
                return None
            if message["type"] != "http.request" or not message.get("more_body", False):
                return bytes(read)


_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
_TOKEN_HINT = "Open the address with ?token= that was printed at start, or send 'Authorization: Bearer <token>'."


async def _refuse(
    scope: Scope, receive: Receive, send: Send, status: int, code: str, message: str, hint: str = ""
) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 4000 + status, "reason": code})
        return
    headers = {"Connection": "close"} if status == 413 else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    wants_page = not scope["path"].startswith("/api") and "text/html" in Headers(scope=scope).get("accept", "")
    answer: Any
    if wants_page:
        answer = PlainTextResponse(f"{message} {hint}", status, headers)
    else:
        answer = error_response(status, ApiError(code=code, message=message, hint=hint), headers)
    await answer(scope, receive, send)


async def _fault_of(body: bytes, headers: Headers) -> tuple[str, str] | None:
    """Say what no reader of JSON should be given, and the way out."""
    is_json = "json" in headers.get("content-type", "json")
    return await asyncio.to_thread(_fault, body, is_json) if len(body) > LONG else _fault(body, is_json)


def _fault(body: bytes, is_json: bool) -> tuple[str, str] | None:
    if is_too_deep(body):
        return f"The body is nested deeper than {MAX_NESTING} levels.", "No spec is."
    if is_json and (key := repeated_key(body)) is not None:
        return f"The key {key[:100]!r} stands twice in one object of the body.", "Send it once."
    return None


def _name(host: str) -> str:
    """Give the name in a Host header, without port, lower case; empty for what is no name."""
    found = _HOST.fullmatch(host)
    return found[1].strip("[]").rstrip(".").lower() if found else ""


def _same_place(origin: str, host: str) -> bool:
    try:
        theirs = urlsplit(origin)
        if theirs.scheme not in ("http", "https") or not theirs.hostname:  # "null", extensions, files
            return False
        ours = urlsplit(f"{theirs.scheme}://{host}")
        default = {"http": 80, "https": 443}.get(theirs.scheme)
        return (theirs.hostname, theirs.port or default) == (ours.hostname, ours.port or default)
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
