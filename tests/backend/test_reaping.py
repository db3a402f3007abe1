"""The reaper goes its rounds whatever the event loop of the requests is busy with."""

import time

import pytest

from backend.reaping import reaping
from workers import keys


@pytest.mark.anyio
async def test_the_reaper_leads_while_no_request_can_be_served(redis, settings):
    async with reaping(settings):
        redis.delete(keys.REAPER)
        until = time.monotonic() + 30
        while not redis.exists(keys.REAPER):  # never awaits: this loop stands still
            assert time.monotonic() < until
            time.sleep(0.01)
