"""The Celery app's settings: Celery carries "advance this run" and "carry this job out", nothing else."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from foldscape.device import Device
from workers.run_log.connect import broker_url
from workers.settings import Settings

log = logging.getLogger(__name__)

QUEUES = ("interactive", "batch", "gpu")
ADVANCE = "workers.tasks.advance"
STUDY = "workers.tasks.study"
LANDSCAPE = "workers.tasks.landscape"
ENSEMBLE = "workers.tasks.ensemble"
SWEEP = "workers.tasks.sweep"
JOB_QUEUES: dict[Device, str] = {"cpu": "batch", "cuda": "gpu"}
"""The queue of a job by where it computes."""


def queue_of(kept: bytes | str | None) -> str:
    """Read the queue of a job as it is kept; one of older versions, which kept none, is in that of the processor."""
    return (kept.decode() if isinstance(kept, bytes) else kept) or JOB_QUEUES["cpu"]


def celery_app(settings: Settings) -> Celery:
    """Make a Celery app for a broker.

    Messages are acknowledged early: the lease and the reaper bring a run back, not the broker's visibility timeout.

    Returns:
        The app.
    """
    app = Celery("foldscape", broker=broker_url(settings), include=["workers.tasks"], set_as_current=False)
    app.conf.update(
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=False,
        task_create_missing_queues=False,
        task_queues=[_queue(name) for name in QUEUES],
        task_default_queue="batch",
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_pool_start_method="spawn",
        worker_proc_alive_timeout=60,
        worker_hijack_root_logger=True,
        worker_send_task_events=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_channel_error_retry=True,  # a full Redis refuses what a worker writes down when it begins
        broker_transport_options={"socket_connect_timeout": 5},
        enable_utc=True,
    )
    return app


def _queue(name: str) -> Queue:
    """Make a queue whose messages are gone once taken: nothing is written down, which a full Redis would refuse.

    Exchange and key are named too: left out, all queues share the default's, and each message reaches every one.

    Returns:
        The queue, bound to an exchange of its own name.
    """
    return Queue(name, Exchange(name, type="direct"), routing_key=name, no_ack=True)  # type: ignore[no-untyped-call]


class Sender:
    """Sends runs to the workers.

    Args:
        settings: Where the broker is.
    """

    def __init__(self, settings: Settings) -> None:
        self._app = celery_app(settings)

    async def send_job(self, task: str, job_id: str, queue: str) -> None:
        """Send a job's message without holding up the event loop; twice is as harmless as for a run."""
        await asyncio.to_thread(self._try, task, job_id, queue)

    async def send_async(self, run_id: str, queue: str) -> None:
        """Send the message without holding up the event loop."""
        await asyncio.to_thread(self._try, ADVANCE, run_id, queue)

    def _try(self, task: str, about: str, queue: str) -> None:
        """Send a message; one that Redis does not take now is sent again by the reaper, for the run is written down."""
        try:
            self._app.send_task(task, args=[about], queue=queue, retry=False)
        except (OperationalError, RedisError, OSError) as error:
            log.warning("the message of %s was not taken (%s); the reaper sends it again", about, error)

    def close(self) -> None:
        """Close the connections."""
        self._app.close()

    @property
    def app(self) -> Any:
        """The Celery app behind this sender."""
        return self._app
