"""The web process: ``python -m backend.serve --fd 3``, or ``--host`` and ``--port``.

Uvicorn gives up on a client that is silent between two requests, and waits for ever for the rest of one. Here a request
has to arrive whole within a time, and its head within a size, so that no number of half requests holds connections.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.errors import ApiError, error_response

APP = "backend.app:api"
REQUEST_SECONDS = 60.0
"""Time from the beginning of a connection, or of a further request on it, in which the request has to arrive."""
HEAD_BYTES = 65_536
"""Largest head of a request."""


class Patient(HttpToolsProtocol):
    """One connection that ends when a request does not arrive in time."""

    request_seconds = REQUEST_SECONDS
    _late: asyncio.TimerHandle | None = None
    _head: int | None = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take some bytes; refuse a head that does not end."""
        before = self._head
        super().data_received(data)
        if before is None or self._head is None:  # the head ended, or began somewhere in these bytes
            return
        self._head += len(data)
        if self._head > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, in the shape of all errors.

        Args:
            msg: What is wrong with it.
        """
        error = ApiError(code="bad_request", message=msg, hint="Send HTTP/1.1 with a head of at most 64 KiB.")
        answer = error_response(400, error, {"connection": "close"})
        head = [b"%b: %b" % pair for pair in answer.raw_headers]
        self.transport.write(b"\r\n".join([b"HTTP/1.1 400 Bad Request", *head, b"", bytes(answer.body)]))
        self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over; from now on it is waited for there."""
        self._arrived()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a request."""
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        """Take note that the head is there."""
        self._head = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take note that the whole request is there."""
        self._arrived()
        super().on_message_complete()

    def _wait(self) -> None:
        self._arrived()
        self._head = 0
        self._late = self.loop.call_later(self.request_seconds, self.transport.close)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def options(**more: Any) -> dict[str, Any]:
    """Give how the application is served, wherever it is.

    Args:
        more: Further options of ``uvicorn.Config``, as ``fd`` or ``port``.

    Returns:
        Options of ``uvicorn.Config``, ``more`` among them.
    """
    return {
        "http": Patient,
        "access_log": False,
        "log_level": "warning",
        "timeout_graceful_shutdown": 2,
        "ws_max_size": 65_536,
        "ws_per_message_deflate": False,  # browsers would ask for it, and it is paid once a viewer
        **more,
    }


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m backend.serve", description="Serve the API and the pages.")
    parser.add_argument("--fd", type=int, help="File descriptor of a socket that listens already.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
    parser.add_argument("--port", type=int, default=8050, help="Port to listen on.")
    given = parser.parse_args()
    place = {"host": given.host, "port": given.port} if given.fd is None else {"fd": given.fd}
    uvicorn.run(APP, **options(**place))


if __name__ == "__main__":
    main()
