"""Whatever a request asks for may come from a stranger: see ``foldscape.hosting``."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from foldscape.hosting import hosted


class Hosted:
    """Pure ASGI middleware; it holds in the tasks and threads of a request too.

    Args:
        app: What answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        with hosted():
            await self.app(scope, receive, send)
