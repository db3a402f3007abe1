"""Calls that schemathesis makes up from the API's description: no server error, no answer that it does not tell.

A minute of them goes with every run of the tests, always the same; ``make test-api`` makes thousands more.
"""

import asyncio
import threading

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.app import create_app
from backend.serve import options
from backend.settings import WebSettings

CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]
SETTINGS = {"deadline": None, "derandomize": True, "database": None, "suppress_health_check": list(HealthCheck)}
BRIEF, LONG = settings(max_examples=12, **SETTINGS), settings(max_examples=400, **SETTINGS)


@pytest.fixture(scope="module")
def address(settings):
    """Serve the application in a thread of this process; gives its address."""
    app = create_app(settings, WebSettings(), pages=False, reaper=False)
    server = uvicorn.Server(uvicorn.Config(app, **options(port=0, log_level="error")))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()))
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.01)
    [listener] = server.servers[0].sockets
    yield f"http://localhost:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


api = schemathesis.openapi.from_dict(create_app(pages=False, reaper=False).openapi())
api.config.phases.coverage.enabled = False  # it counts out every combination of a spec's parts, for hours


@api.parametrize()
@BRIEF
def test_no_call_is_answered_otherwise_than_told(case, address):
    case.call_and_validate(base_url=address, checks=CHECKS, timeout=30)


@pytest.mark.slow
@api.parametrize()
@LONG
def test_no_call_of_thousands_is_answered_otherwise_than_told(case, address):
    case.call_and_validate(base_url=address, checks=CHECKS, timeout=30)
