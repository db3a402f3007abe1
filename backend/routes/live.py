"""The live socket."""

from __future__ import annotations

from fastapi import APIRouter, WebSocket

from backend.live.viewer import Viewer
from backend.parts import PartsHere

router = APIRouter(tags=["live"])


@router.websocket("/live")
async def live(socket: WebSocket, parts: PartsHere) -> None:
    """Send what watched runs say; the protocol stands in docs/architecture.md."""
    await socket.accept()
    parts.viewers += 1
    try:
        settings = parts.settings
        await Viewer(socket, parts.hub, settings.live_heartbeat_seconds, settings.stall_seconds).serve()
    finally:
        parts.viewers -= 1
