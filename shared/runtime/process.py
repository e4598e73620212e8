"""The life of a service process: HTTP answers at once, parts start behind it, and a stop is over in time.

A part may take long to start (a consumer joins its group, Kafka is away) and long to stop; neither keeps the process
from answering probes or from ending within `stop_seconds`.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from structlog.contextvars import bound_contextvars

from shared.errors import CannotRun
from shared.runtime.health import Checks
from shared.runtime.logging import configure, get_logger
from shared.runtime.serving import Http, listen
from shared.runtime.settings import Settings

FIRST_DELAY_SECONDS = 0.25
LONGEST_DELAY_SECONDS = 5.0
"""A start that failed is tried again after 0.25 s, doubling up to 5 s, with up to a quarter of chance added."""

HTTP_SHARE = 0.4
"""Share of a stop's time that the answers in hand may take, with half of it at most for draining; the parts have the
rest."""

RESERVE_SECONDS = 0.3
"""Kept back for each part still to be stopped, so that one that hangs leaves the others their turn."""

LAST_SECONDS = 9.8
"""Seconds after the first signal at which the process is gone, even with a blocked event loop."""


class Part(Protocol):
    """Something that runs beside HTTP: a consumer, a relay, the deadlines, a client.

    `start` returns once it works and may be called again after it raised. `stop` finishes what is in hand and
    releases everything; it is safe at any time, also before, during and after a failed `start`, and twice.
    """

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(slots=True)
class Service:
    """One service, ready to run. Its parts start side by side and stop in reverse order."""

    name: str
    app: Any
    settings: Settings
    parts: Sequence[Part] = ()
    checks: Checks | None = None


def run(service: Service) -> None:
    """Run until SIGTERM or SIGINT, then stop gracefully and return; a second signal ends the process at once.

    Raises SystemExit(1) where the port cannot be had, SystemExit(2) after the lines of a part that said CannotRun.
    For the main thread of a process of its own.
    """
    settings = service.settings
    configure(settings.log_format, settings.log_level)
    log = get_logger("process")
    try:
        sock = listen(settings.http_host, settings.http_port)
    except OSError as error:
        log.error("cannot listen", host=settings.http_host, port=settings.http_port, why=error.strerror)
        raise SystemExit(1) from None
    watchdog = _Watchdog(min(settings.stop_seconds + 0.5, LAST_SECONDS))
    runner = asyncio.Runner()
    try:
        left = runner.run(_until_signal(service, sock, watchdog))
    except CannotRun as error:
        log.error("cannot run", why=list(error.lines))
        sys.stderr.write("Cannot run: " + "\n  ".join(error.lines) + "\n")
        sys.stderr.flush()
        os._exit(2)  # what else was starting is not waited for
    watchdog.finished = True
    if left:  # closing the loop would wait for what does not heed its cancellation
        os._exit(0)
    runner.close()
    watchdog.call_off()


async def serve(service: Service, stop: asyncio.Event, *, sock: socket.socket | None = None) -> list[str]:
    """Run inside an event loop until `stop` is set, then stop gracefully within `stop_seconds`.

    Returns the names of the parts that had not ended by then; their work is repeated after the next start.
    Raises CannotRun, after such a stop, where a part said so.
    """
    sock = sock or listen(service.settings.http_host, service.settings.http_port)
    with bound_contextvars(service=service.name):
        log = get_logger("process")
        rising = [_Rising(part) for part in service.parts]
        if service.checks is not None:
            service.checks.add("parts", lambda: _all_up(rising, stop))
        http = Http(service.app, sock)
        answering = http.start()
        log.info("listening", host=sock.getsockname()[0], port=sock.getsockname()[1])
        for part in rising:
            part.begin()
        stopping = asyncio.create_task(stop.wait())
        try:
            starting = {part.starting for part in rising if part.starting is not None}
            while not (stopping.done() or answering.done()) and not _refusal(starting):
                waited = {task for task in starting if not task.done()} | {stopping, answering}
                await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
            left = await _stop(http, rising, service.settings)
        if answering.done() and not answering.cancelled() and (error := answering.exception()) is not None:
            raise error
        if (refusal := _refusal(starting)) is not None:
            raise refusal
        log.info("stopped", unfinished=left)
        return left


def _refusal(starting: Iterable[asyncio.Task[None]]) -> CannotRun | None:
    for task in starting:
        if task.done() and not task.cancelled() and isinstance(error := task.exception(), CannotRun):
            return error
    return None


class _Rising:
    """A part on its way up, and down again."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.name = str(getattr(part, "name", type(part).__name__))
        self.up = False
        self.said = "is starting"
        self.starting: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None
        self._log = get_logger("process")

    def begin(self) -> None:
        self.starting = asyncio.create_task(self._start(), name=f"start {self.name}")

    async def _start(self) -> None:
        delay = FIRST_DELAY_SECONDS
        while True:
            try:
                await self.part.start()
            except CannotRun:
                raise
            except Exception as error:  # noqa: BLE001 - any failed start is told and tried again
                self.said = f"could not start: {type(error).__name__}"
                self._log.warning("part could not start", part=self.name, fault=type(error).__name__, again_in=delay)
                await asyncio.sleep(delay * (1 + random.random() / 4))  # noqa: S311 - spreads replicas
                delay = min(delay * 2, LONGEST_DELAY_SECONDS)
            else:
                self.up = True
                self._log.info("part is up", part=self.name)
                return

    def give_up(self) -> None:
        """Start no more."""
        if self.starting is not None:
            self.starting.cancel()

    async def end(self, within: float) -> bool:
        """Stop it; whether everything of it has ended `within` seconds."""
        until = time.monotonic() + within
        if self.starting is not None and not self.starting.done():
            await asyncio.wait({self.starting}, timeout=within / 2)
        self._stopping = asyncio.create_task(self.part.stop(), name=f"stop {self.name}")
        await asyncio.wait({self._stopping}, timeout=max(0.05, until - time.monotonic()))
        if not self._stopping.done():
            self._log.warning("part did not stop in time", part=self.name)
            self._stopping.cancel()
            await asyncio.wait({self._stopping}, timeout=0.05)
        elif not self._stopping.cancelled() and (error := self._stopping.exception()) is not None:
            self._log.warning("part failed to stop", part=self.name, fault=type(error).__name__)
        return self._stopping.done() and (self.starting is None or self.starting.done())


async def _all_up(rising: Sequence[_Rising], stop: asyncio.Event) -> str | None:
    if stop.is_set():
        return "the service is stopping"
    return "; ".join(f"{part.name} {part.said}" for part in rising if not part.up) or None


async def _stop(http: Http, rising: Sequence[_Rising], settings: Settings) -> list[str]:
    began, within = time.monotonic(), settings.stop_seconds
    until, answered_until = began + within, began + within * HTTP_SHARE
    for part in rising:
        part.give_up()
    if settings.drain_seconds:
        await http.drain(min(settings.drain_seconds, within * HTTP_SHARE / 2))
    left = [] if await http.stop(answered_until - time.monotonic()) else ["http"]
    for waiting, part in reversed(list(enumerate(rising))):
        seconds = until - time.monotonic() - waiting * RESERVE_SECONDS
        if not await part.end(max(RESERVE_SECONDS / 2, seconds)):
            left.append(part.name)
    return left


class _Watchdog:
    """Ends the process when its time after a first signal is over: from a thread, so that a blocked loop ends too."""

    def __init__(self, seconds: float) -> None:
        self.finished = False
        self._seconds = seconds
        self._signalled = threading.Event()
        self._over = threading.Event()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def begin(self) -> None:
        """The time runs from now on."""
        self._signalled.set()

    def call_off(self) -> None:
        """The process has ended in time."""
        self._over.set()
        self._signalled.set()

    def _watch(self) -> None:
        self._signalled.wait()
        if not self._over.wait(self._seconds):
            os._exit(0 if self.finished else 1)


async def _until_signal(service: Service, sock: socket.socket, watchdog: _Watchdog) -> list[str]:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    heard: list[int] = []

    def on_signal(number: int, _frame: object) -> None:
        heard.append(number)
        if len(heard) > 1:
            os._exit(128 + number)
        watchdog.begin()
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, on_signal)  # not the loop's own: this one is heard while the loop is busy
    return await serve(service, stop, sock=sock)
