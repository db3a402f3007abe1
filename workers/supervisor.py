"""Everything with one command: a private Redis, an interactive and a batch worker, and the web process."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import secrets
import signal
import socket
import sys
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import redis.asyncio
import redis.exceptions

from foldscape import device
from workers import embedded_redis
from workers.errors import CannotStart
from workers.part import GaveUp, Part
from workers.ready import web_answers, worker_queues
from workers.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
READY_SECONDS = 900.0  # the first start of all compiles the kernels, which takes minutes on a busy machine
WEB_APP = "backend.serve"
PRIVATE = 0o077
"""What is written is for its owner alone: runs, logs with what people typed, the socket of Redis."""


@dataclass(frozen=True)
class Plan:
    """What is to be started.

    Attributes:
        settings: Settings that all children get.
        token: What the pages ask for; empty on this machine alone.
        browser: Whether to open one.
        say: Where lines for people go.
    """

    settings: Settings
    token: str
    browser: bool
    say: Callable[[str], None]


def up(
    *,
    port: int | None = None,
    host: str | None = None,
    home: Path | None = None,
    threads: int | None = None,
    browser: bool = True,
    say: Callable[[str], None] = print,
) -> None:
    """Start everything and stay until told to stop (Ctrl-C or SIGTERM).

    Args:
        port: Port of the pages; 0 takes a free one.
        host: Address to listen on.
        home: Folder for all that is kept.
        threads: Runs an interactive worker advances at a time.
        browser: Open one when there is a desktop.
        say: Where lines for people go.

    Raises:
        CannotStart: With one sentence and the way out.
    """
    given = {"port": port, "host": host, "home": home, "interactive_threads": threads}
    settings = Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    settings = settings.model_copy(update={"home": settings.home.absolute()})
    token = os.environ.get("FOLDSCAPE_TOKEN", "")
    if settings.host not in LOOPBACK and not token:
        token = secrets.token_urlsafe(16)
    _make_folder(settings.home)
    with _only_one(settings.home) as note, _listen(settings.host, settings.port) as listener:
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        note(_url(settings))
        asyncio.run(_supervise(Plan(settings, token, browser, say), listener))


async def _supervise(plan: Plan, listener: socket.socket) -> None:
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told_to_stop.set)
    started: list[Part] = []
    watchers: list[asyncio.Task[None]] = []
    stop = asyncio.ensure_future(told_to_stop.wait())
    try:
        start = asyncio.ensure_future(_start(plan, listener, started, watchers))
        await asyncio.wait({start, stop}, return_when=asyncio.FIRST_COMPLETED)
        if start.done():
            start.result()
            await asyncio.wait({stop, *watchers}, return_when=asyncio.FIRST_COMPLETED)
            for watcher in watchers:
                if watcher.done():
                    watcher.result()
        else:
            start.cancel()
    except GaveUp as verdict:
        raise CannotStart(f"{verdict}", hint="The other parts were stopped; nothing that Redis had is lost.") from None
    finally:
        stop.cancel()
        plan.say("\nStopping ...")
        for watcher in watchers:
            watcher.cancel()
        for part in sorted(started, key=_order_of_stopping):
            await part.stop()
        plan.say("Stopped; every run is saved.")


def _order_of_stopping(part: Part) -> int:
    """Web first, so that nobody asks; workers next, so that they can hand over their runs; Redis last."""
    return {"web": 0, "redis": 2}.get(part.name, 1)


async def _start(plan: Plan, listener: socket.socket, started: list[Part], watchers: list[asyncio.Task[None]]) -> None:
    async def begin(part: Part) -> None:
        started.append(part)
        await part.start()
        watchers.append(asyncio.ensure_future(part.keep_alive()))

    settings, own_redis = _redis_of(plan)
    if own_redis:
        await begin(own_redis)
    version = await _redis_answers(settings, own_redis)
    limit = f", at most {settings.redis_mb:,} MB" if own_redis else ""
    plan.say(f"redis        {version} on {settings.redis.removesuffix('?db=0')}{limit}")
    environment = _environment(settings, plan.token)
    await begin(_worker("interactive", settings, environment))
    line = [sys.executable, "-m", WEB_APP, "--fd", str(listener.fileno())]
    await begin(Part("web", line, environment, _log(settings, "web"), 6, pass_fds=(listener.fileno(),)))
    await _wait_until_ready({"interactive", "web"}, plan, settings, watchers)
    url = _url(settings) + (f"/?token={plan.token}" if plan.token else "")
    plan.say(f"\nFoldscape is ready: {url}    (Ctrl-C stops it; logs in {settings.home / 'logs'})\n")
    if plan.browser and _has_desktop():
        await asyncio.to_thread(webbrowser.open, url)
    # Second, so that the first start compiles the kernels once and nobody waits for two compilers.
    await begin(_worker("batch", settings, environment))
    await _wait_until_ready({"batch"}, plan, settings, watchers)
    for number in range(cards := await _cards(plan)):
        await begin(_worker("gpu", settings, environment, number if cards > 1 else None))
    if cards:
        await _wait_until_ready({"gpu"}, plan, settings, watchers)


async def _cards(plan: Plan) -> int:
    """Count the cards to work on; torch is asked in another process, and only where a driver is loaded."""
    if plan.settings.gpu != "auto":
        return int(plan.settings.gpu == "on")
    if not device.has_driver():
        return 0
    cards, why = await asyncio.to_thread(device.look_apart)
    for card in cards:
        plan.say(f"gpu          {card} is seen")
    if not cards:
        plan.say(f"gpu          has a driver, but no worker: {why}")
    return len(cards)


def _worker(queue: str, settings: Settings, environment: dict[str, str], card: int | None = None) -> Part:
    """Give the part that works on a queue; of several cards each has a process, which takes what is next in it."""
    line = [sys.executable, "-m", "workers.cli", "worker", queue]
    name = queue if not card else f"{queue}-{card + 1}"
    told = environment if card is None else device.seen_alone(card, environment)
    return Part(name, line, told, _log(settings, name), patience=10)


async def _wait_until_ready(
    waiting: set[str], plan: Plan, settings: Settings, watchers: list[asyncio.Task[None]]
) -> None:
    """Wait for each part; a part that gives up ends the waiting."""
    loop = asyncio.get_running_loop()
    until = loop.time() + READY_SECONDS
    while waiting:
        for watcher in watchers:
            if watcher.done():
                watcher.result()
        queues = await worker_queues(settings)
        ready = {name for name in waiting if name in queues}
        if "web" in waiting and await asyncio.to_thread(web_answers, settings, plan.token):
            ready.add("web")
        for name in sorted(ready):
            plan.say(f"{name:<12} {'answers' if name == 'web' else 'worker is warm'}")
        waiting -= ready
        if waiting and loop.time() > until:
            names = ", ".join(sorted(waiting))
            raise CannotStart(
                f"After {READY_SECONDS:.0f} s these parts are not ready: {names}.",
                hint=f"Their logs are in {settings.home / 'logs'}.",
            )
        await asyncio.sleep(0.1 if waiting else 0)


def _redis_of(plan: Plan) -> tuple[Settings, Part | None]:
    """Give the settings with the address of Redis, and our own Redis unless another was named."""
    settings = plan.settings
    if "FOLDSCAPE_REDIS" in os.environ:
        return settings, None
    binary = embedded_redis.find_binary()
    folder = embedded_redis.data_folder(settings.home, binary)
    folder.mkdir(exist_ok=True)
    path = embedded_redis.socket_path(settings.home)
    line = embedded_redis.command(binary, folder, path, settings.redis_mb)
    part = Part("redis", line, os.environ, _log(settings, "redis"), 8, before=lambda: path.unlink(missing_ok=True))
    return settings.model_copy(update={"redis": embedded_redis.redis_address(path)}), part


async def _redis_answers(settings: Settings, own: Part | None) -> str:
    client = redis.asyncio.Redis.from_url(settings.redis, socket_timeout=5, socket_connect_timeout=5)
    problem: Exception | None = None
    try:
        for _ in range(600 if own else 20):
            try:
                return str((await client.info("server"))["redis_version"])
            except redis.exceptions.AuthenticationError as error:
                raise CannotStart(
                    f"Redis at {settings.redis} refuses: {error}.", hint="Check FOLDSCAPE_REDIS."
                ) from error
            except (redis.exceptions.RedisError, OSError) as error:
                problem = error
            await asyncio.sleep(0.05)
    finally:
        await client.aclose()
    if own:
        raise CannotStart(f"Redis did not start: {own.last_words()}.", hint=f"Its log is {own.log}.")
    raise CannotStart(
        f"Redis at {settings.redis} does not answer ({problem}).",
        hint="Start it, or unset FOLDSCAPE_REDIS to use a private one.",
    )


def _environment(settings: Settings, token: str) -> dict[str, str]:
    told = {f"FOLDSCAPE_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    if token:
        told["FOLDSCAPE_TOKEN"] = token
    return {**os.environ, **told}


def _log(settings: Settings, name: str) -> Path:
    return settings.home / "logs" / f"{name}.log"


def _url(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _has_desktop() -> bool:
    return sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _make_folder(home: Path) -> None:
    os.umask(PRIVATE)
    try:
        home.mkdir(parents=True, exist_ok=True)
        (home / "logs").mkdir(exist_ok=True)
        for folder in (home / "logs", *home.glob("redis-*"), *home.glob("valkey-*")):
            folder.chmod(0o700)  # those of older versions were open to everybody
    except OSError as error:
        raise CannotStart(f"The home folder {home} cannot be written: {error.strerror}.", hint="Use --home.") from None


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[Callable[[str], None]]:
    """Hold the lock on the home folder; gives a function that writes where we run into it."""
    try:
        file = (home / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise CannotStart(
            f"The lock file {home / 'lock'} cannot be opened: {error.strerror}.",
            hint="Make the folder writable, or choose another with --home.",
        ) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            where = file.read().strip() or "another port"
            raise CannotStart(
                f"Foldscape is already running on {where} with the home folder {home}.",
                hint="Open that page, stop it with Ctrl-C in its terminal, or choose another folder with --home.",
            ) from None

        def note(url: str) -> None:
            with contextlib.suppress(OSError):  # a full disk keeps no address; the lock holds without it
                file.truncate(0)
                file.write(url)
                file.flush()

        yield note
        file.truncate(0)


@contextlib.contextmanager
def _listen(host: str, port: int) -> Iterator[socket.socket]:
    """Bind the port before anything is started, so that a taken one is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(512)
        except OSError as error:
            raise CannotStart(
                f"Port {port} on {host} cannot be used: {error.strerror}.",
                hint=f"Choose another with --port {port + 1 if 0 < port < 65535 else 8060}, or 0 for any free one.",
            ) from None
        listener.set_inheritable(True)
        yield listener
    finally:
        listener.close()
