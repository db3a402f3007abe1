"""What asks for a card is refused beside its field before it is queued, unless a worker somewhere has one."""

import pytest

from workers import keys

RUN = {"device": "cuda", "queue": "gpu", "stop": {"epochs": 1}}
SWEEP = {"base": {"device": "cuda", "data": {"kind": "rings", "n": 80}, "stop": {"epochs": 1}}, "seeds": [0]}


@pytest.fixture
def gpu_worker(redis):
    """The sign of life of a worker on another host."""
    redis.sadd(keys.WORKERS, "far")
    redis.hset(keys.worker_key("far"), mapping={"queue": "gpu", "host": "elsewhere", "device": "H200", "ready": 1})


def refusal(answer):
    assert answer.status_code == 422, answer.text
    error = answer.json()["error"]
    assert error["code"] == "invalid_input"
    (field,) = error["fields"]
    return field["path"], field["message"]


def test_without_a_worker_a_run_a_sweep_and_a_landscape_are_refused(client, redis, run):
    before = redis.zcard(keys.RUNS)
    path, words = refusal(client.post("/api/runs", json=RUN))
    assert path == "device"
    assert words.startswith("device cuda needs a worker with an NVIDIA card, and none shows a sign of life; set device")
    assert refusal(client.post("/api/sweeps", json=SWEEP))[0] == "base.device"
    assert redis.zcard(keys.RUNS) == before
    assert redis.zcard(keys.SWEEPS) == 0
    assert redis.zcard(keys.queue("gpu")) == 0


def test_a_draft_of_a_sweep_says_so_as_it_is_written(client):
    axis = SWEEP | {"base": {}, "vary": {"device": ["cpu", "cuda"]}}
    found = client.post("/api/sweeps/estimate", json={"spec": axis}).json()
    assert [one["path"] for one in found["problems"]] == ["vary.device.cuda"]
    assert found["estimate"] is None


def test_with_a_worker_on_another_host_both_are_queued_there(client, redis, gpu_worker):
    assert client.post("/api/runs", json=RUN).status_code == 201
    made = client.post("/api/sweeps", json=SWEEP)
    assert made.status_code == 201
    assert (made.json()["device"], made.json()["queue"]) == ("cuda", "gpu")
    assert made.json()["place"] == 1
    assert redis.zcard(keys.queue("gpu")) == 2
    assert client.post("/api/sweeps/estimate", json={"spec": SWEEP}).json()["problems"] == []
