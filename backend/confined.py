"""Whatever a request asks for: this process loads nobody's module, and judges by what its workers may load."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from foldscape.hosting import Allowed, confined


class Confined:
    """Pure ASGI middleware; what is allowed holds in the tasks and threads of a request too.

    Args:
        app: What is confined.
        allowed: What specs may name; nothing of it is loaded.
    """

    def __init__(self, app: ASGIApp, allowed: Allowed) -> None:
        self.app, self.allowed = app, allowed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        with confined(self.allowed):
            await self.app(scope, receive, send)
