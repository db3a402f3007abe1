"""A worker that warms up is seen as such, and is ready only when it says so."""

from tests.workers.running import until
from workers.process import WorkerProcess
from workers.ready import worker_queues
from workers.run_log import fleet


async def test_a_worker_is_no_worker_until_it_is_warm(settings, run_log):
    life = WorkerProcess(settings)
    life.start()

    async def told():
        return (await fleet.health(run_log.client))["queues"]["interactive"]

    async def seen():
        return (await told())["warming"]

    try:
        await until(seen)
        assert await told() == {"workers": 0, "warming": 1, "waiting": 0}
        assert not (await fleet.health(run_log.client))["ok"]
        assert await worker_queues(settings) == set()
        life.is_ready("an abacus")
        assert await told() == {"workers": 1, "warming": 0, "waiting": 0}
        health = await fleet.health(run_log.client)
        assert health["ok"]
        assert [worker["device"] for worker in health["workers"]] == ["an abacus"]
        assert await worker_queues(settings) == {"interactive"}
    finally:
        life.stop()
        life.say_goodbye()
    assert await told() == {"workers": 0, "warming": 0, "waiting": 0}
