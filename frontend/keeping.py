"""Browsers keep the assets: an address that holds the time of the file's last change never means another content."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

A_YEAR = "public, max-age=31536000, immutable"


class Keeping:
    """Pure ASGI middleware: says of each asset whose address names its time that it need not be asked for again.

    Args:
        app: What serves the assets.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, and mark the answer where it may be kept."""
        if scope["type"] != "http" or not scope["path"].startswith("/assets/") or b"m=" not in scope["query_string"]:
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                MutableHeaders(scope=message)["cache-control"] = A_YEAR
            await send(message)

        await self.app(scope, receive, marked)
