"""The Dash app: pages, their addresses, callbacks that never block the loop."""

import inspect
import json
import re
import subprocess
import sys

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from frontend.app import ASSETS, find_pages, index_string, mount_pages
from frontend.page import Page


@pytest.fixture(scope="module")
def app():
    return mount_pages(FastAPI())


def test_pages_stand_in_the_order_of_the_bar_and_have_addresses_of_their_own():
    pages = find_pages()
    orders = [page.order for page in pages if page.order is not None]
    assert orders == sorted(orders)
    assert len({page.path for page in pages}) == len(pages)
    assert pages[0].path == "/"


@pytest.mark.parametrize(
    ("path", "given", "parts"),
    [
        ("/", "/", {}),
        ("/runs", "/runs/", {}),
        ("/run/{run_id}", "/run/a1", {"run_id": "a1"}),
        ("/run/{run_id}", "/run/", None),
        ("/runs", "/run", None),
    ],
)
def test_a_page_knows_its_address(path, given, parts):
    assert Page("x", path, dict).match(given) == parts


def test_every_callback_on_the_server_is_async(app):
    functions = [entry["callback"] for entry in app.callback_map.values() if "callback" in entry]
    assert functions
    for function in functions:
        assert inspect.iscoroutinefunction(function), function


def test_imports_between_modules_have_the_address_that_dash_gives_them(app):
    with TestClient(app.server) as client:
        html = client.get("/").text
    imports = json.loads(re.search(r'<script type="importmap">(.*?)</script>', html)[1])["imports"]
    loaded = set(re.findall(r'src="(/assets/[^"]+\.mjs[^"]*)"', html))
    assert set(imports.values()) == loaded
    assert "{imports}" not in index_string(ASSETS)


def test_browsers_keep_assets_whose_address_holds_their_time(app):
    with TestClient(app.server) as client:
        html = client.get("/").text
        module = re.search(r'src="(/assets/[^"]+\.mjs\?m=[^"]*)"', html)[1]
        assert client.get(module).headers["cache-control"] == "public, max-age=31536000, immutable"
        assert "immutable" not in client.get(module.partition("?")[0]).headers.get("cache-control", "")
        assert "immutable" not in client.get("/assets/nothing.mjs?m=1").headers.get("cache-control", "")
        assert "cache-control" not in client.get("/").headers


def test_the_pages_need_no_torch():
    code = "import sys, frontend.app, frontend.pages.play; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
