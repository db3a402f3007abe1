"""What a browser may do with our answers, as headers of each of them.

Scripts come from this server, or stand in the page as it was written here: each of those is named by its digest, so
that nothing that finds its way into a page is ever run. Styles are set by scripts and may stand anywhere.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache

from starlette.types import Message, Send

FRAMED_BY = "'self'"
"""Who may show our pages in a frame of theirs."""

_COMMON = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
)
_NOTHING = f"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors {FRAMED_BY}"
_INLINE = re.compile(rb"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL | re.IGNORECASE)


@lru_cache(maxsize=16)
def policy_of(page: bytes) -> str:
    """Give the Content-Security-Policy of a page.

    Args:
        page: Its HTML, which holds nothing that a visitor sent.

    Returns:
        The value of the header; it allows the scripts within the page by their SHA-256 digests.
    """
    digests = (base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page))
    scripts = " ".join(["'self'", *(f"'sha256-{digest}'" for digest in dict.fromkeys(digests))])
    return (
        f"default-src 'self'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        f"font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {FRAMED_BY}"
    )


def careful(send: Send) -> Send:
    """Keep other sites from framing the pages, and browsers from guessing and running what is not ours.

    Args:
        send: Where the messages of one answer go.

    Returns:
        A send that adds the headers; a page is held until it is whole, since its scripts are named in them.
    """
    held: list[Message] = []

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_page(message):
                held.append(message)
                return
            message = _with(message, _NOTHING)
        elif held and message["type"] == "http.response.body":
            held.append(message)
            if message.get("more_body", False):
                return
            start, *parts = held
            held.clear()
            await send(_with(start, policy_of(b"".join(part.get("body", b"") for part in parts))))
            for part in parts:
                await send(part)
            return
        await send(message)

    return sending


def _is_page(start: Message) -> bool:
    return any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in start["headers"])


def _with(start: Message, policy: str) -> Message:
    """Add what an answer does not say itself."""
    given = {name.lower() for name, _ in start["headers"]}
    said = (*_COMMON, (b"content-security-policy", policy.encode()))
    return {**start, "headers": [*start["headers"], *(pair for pair in said if pair[0] not in given)]}
