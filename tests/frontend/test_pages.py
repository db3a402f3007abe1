"""Every page as the server builds it when somebody comes to its address."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from frontend.app import find_pages, mount_pages
from frontend.shell import CONTENT, LOCATION

ADDRESSES = [page.path.replace("{run_id}", "a1b2c3") for page in find_pages()]


@pytest.fixture(scope="module")
def visitor():
    with TestClient(mount_pages(FastAPI()).server) as client:
        yield client


def shown(visitor, address):
    """Ask for what stands below the top bar, as the browser does."""
    asked = {"id": LOCATION, "property": "pathname", "value": address}
    body = {
        "output": f"{CONTENT}.children",
        "outputs": {"id": CONTENT, "property": "children"},
        "inputs": [asked],
        "changedPropIds": [f"{LOCATION}.pathname"],
    }
    return visitor.post("/_dash-update-component", json=body).json()["response"][CONTENT]["children"]


def ids(component):
    """Collect the ids in a tree of components."""
    props = component.get("props", {}) if isinstance(component, dict) else {}
    children = props.get("children") or []
    found = {props["id"]} if "id" in props else set()
    for child in children if isinstance(children, list) else [children]:
        found |= ids(child)
    return found


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_page_gives_its_modules_a_place_of_their_own(visitor, address):
    places = ids(shown(visitor, address))
    assert places
    others = [ids(shown(visitor, other)) for other in ADDRESSES if other != address]
    assert all(not places <= other for other in others)


def test_an_unknown_address_is_named(visitor):
    assert "No page has the address /nowhere." in str(shown(visitor, "/nowhere"))
