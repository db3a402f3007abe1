"""Commands that run the product: ``foldscape up`` and ``foldscape worker``."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from foldscape import device
from workers.errors import CannotStart


class QueueName(StrEnum):
    """The queues a worker can serve."""

    INTERACTIVE = "interactive"
    BATCH = "batch"
    GPU = "gpu"


def up(
    port: Annotated[
        int | None, typer.Option(help="Port of the pages; 0 takes a free one.", show_default="8050")
    ] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    home: Annotated[
        Path | None, typer.Option(help="Folder for all that is kept.", show_default=".foldscape", file_okay=False)
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Runs that play at a time.", show_default="64", min=1, max=1024)
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Start everything: Redis, workers and the pages."""
    from workers.supervisor import up as start

    try:
        start(port=port, host=host, home=home, threads=threads, browser=not no_browser, say=_say)
    except CannotStart as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None


def worker(queue: Annotated[QueueName, typer.Argument(help="Whose runs it takes.")]) -> None:
    """Start one worker; more machines may serve the same Redis."""
    from workers.settings import Settings

    if queue is QueueName.GPU and (why := device.look_apart()[1]):
        typer.echo(f"A gpu worker cannot start here: {why}. See docs/devices.md for what it needs.", err=True)
        raise typer.Exit(1)
    settings = Settings(worker_queue=queue.value)
    interactive = queue is QueueName.INTERACTIVE
    # Threads share one process, so nothing is forked; the other queues spawn one fresh child for each run at a time.
    pool = ["-P", "threads", "-c", str(settings.interactive_threads)] if interactive else ["-P", "prefork", "-c", "1"]
    os.environ["FOLDSCAPE_WORKER_QUEUE"] = queue.value
    device.limit_threads(1 if interactive else settings.batch_threads)
    line = [sys.executable, "-m", "celery", "-A", "workers.app", "worker", "-Q", queue.value, *pool]
    line += ["-n", f"{queue.value}-{os.getpid()}@%h", "--without-gossip", "--without-mingle", "-l", "WARNING"]
    os.execv(sys.executable, line)


def _say(line: str) -> None:
    typer.echo(line)
    sys.stdout.flush()


def register(app: typer.Typer) -> None:
    """Add the commands to the command line of the product."""
    app.command()(up)
    app.command()(worker)


def main() -> None:
    """Run the commands by themselves: ``python -m workers.cli``."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    register(app)
    app()


if __name__ == "__main__":
    main()
