"""Modules of one's own over HTTP: what may be named, refusals beside the field, and that nothing is ever loaded."""

import sys

import pytest
from fastapi.testclient import TestClient

from backend.app import create_app
from backend.settings import WebSettings
from workers.keys import RunKeys

PACKAGE = "a_package_of_nobody"
RUN = {"data": {"kind": "moons"}, "net": {"wiring": "module", "factory": f"{PACKAGE}.nets:build", "options": {"a": 1}}}


@pytest.fixture(scope="module")
def allowing(settings):
    """The application of workers that load a package, which is not even there."""
    api = create_app(settings.model_copy(update={"modules": PACKAGE}), WebSettings(), pages=True, reaper=False)
    with TestClient(api, base_url="http://localhost") as client:
        yield client


def test_a_module_is_refused_where_none_is_named(client):
    answer = client.post("/api/runs", json=RUN)
    assert answer.status_code == 422
    (field,) = answer.json()["error"]["fields"]
    assert field["path"] == "net.factory"
    assert f"{PACKAGE}.nets:build is not allowed here, where no modules are" in field["message"]
    assert "FOLDSCAPE_MODULES" in field["message"]
    assert "foldscape run" in field["message"]
    sweep = client.post("/api/sweeps", json={"base": RUN, "seeds": [0]})
    assert [one["path"] for one in sweep.json()["error"]["fields"]] == ["base.net.factory"]


@pytest.mark.parametrize("factory", ["os:system", "subprocess:Popen", f"{PACKAGE}2.nets:build", "builtins:exec"])
def test_another_module_than_those_named_is_refused(allowing, redis, factory):
    net = RUN["net"] | {"factory": factory}
    (field,) = allowing.post("/api/runs", json=RUN | {"net": net}).json()["error"]["fields"]
    assert field["path"] == "net.factory"
    assert f"where modules of {PACKAGE} are" in field["message"]


def test_what_is_named_is_queued_and_never_loaded(allowing, redis):
    made = allowing.post("/api/runs", json=RUN)
    assert made.status_code == 201, made.text
    run = made.json()["run"]
    assert run["spec"]["net"]["options"] == {"a": 1}
    assert run["foreseen_s"] is None
    for address in ("", "/curve", "/export"):
        allowing.get(f"/api/runs/{run['id']}{address}")
    assert allowing.get("/api/runs").json()["runs"][0]["foreseen_s"] is None
    assert PACKAGE not in sys.modules
    assert redis.exists(RunKeys(run["id"]).hash)


def test_a_sweep_over_modules_says_that_its_time_is_not_known(allowing, redis):
    told = allowing.post("/api/sweeps/estimate", json={"spec": {"base": RUN, "vary": {"lr": [0.1, 0.2]}}}).json()
    assert told["problems"] == []
    assert told["estimate"]["is_known"] is False
    assert told["estimate"]["refused"] == ""
