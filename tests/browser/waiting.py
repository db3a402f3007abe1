"""Waiting in a page that runs no text as a script: Playwright's own way hands its condition to ``eval`` there."""

import time

from playwright.sync_api import Error, TimeoutError


def waits_for(page):
    """Make a ``wait_for_function`` for a page that lives under its Content-Security-Policy."""

    def holds(condition, arg):
        try:
            return page.evaluate(condition, arg)
        except Error as error:
            if "context was destroyed" in str(error):  # on the way to another address
                return False
            raise

    def wait_for_function(condition, *, arg=None, timeout=20_000):
        until = time.monotonic() + timeout / 1000
        while not holds(condition, arg):
            if time.monotonic() > until:
                raise TimeoutError(f"For {timeout / 1000:g} s this did not hold: {condition}")
            page.wait_for_timeout(20)

    return wait_for_function
