"""Settings of the web process alone; each is read from the environment as ``FOLDSCAPE_<NAME>``.

Those that the web process shares with the workers, the address of Redis above all, stand in ``workers/settings.py``.
"""

from __future__ import annotations

import ipaddress
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WebSettings(BaseSettings):
    """What can be set from outside, with the shipped values."""

    model_config = SettingsConfigDict(env_prefix="FOLDSCAPE_", frozen=True, use_attribute_docstrings=True)

    host: str = "127.0.0.1"
    """Address on which the web process listens."""
    token: str = Field("", max_length=512)
    """Token that every request has to carry; empty asks for none, which only a loopback ``host`` allows."""
    hosts: str = ""
    """Further names by which people reach the web process, separated by commas; localhost is always known."""
    body_mb: float = Field(1.0, gt=0, le=100)
    """Largest body of a request."""
    stall_seconds: float = Field(60.0, gt=0)
    """A viewer that reads nothing for so long is dropped; it may come back with its cursors."""
    sweep_runs: int = Field(2000, ge=1)
    """Runs that a sweep may have at most, whatever limit it sets itself; the command line has no such limit."""
    live_heartbeat_seconds: float = Field(15.0, gt=0)
    """Time between two heartbeats of a live socket or an SSE stream."""

    @model_validator(mode="after")
    def _guarded(self) -> Self:
        if not self.token and not is_loopback(self.host):
            raise ValueError(
                f"host {self.host} can be reached from other machines and needs a token; set FOLDSCAPE_TOKEN"
            )
        return self

    @property
    def names(self) -> frozenset[str]:
        """The configured host names, lower case."""
        return frozenset(name.strip().lower() for name in self.hosts.split(",") if name.strip())


def is_loopback(host: str) -> bool:
    """Whether an address or name means this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
