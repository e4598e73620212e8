"""Parts of a service that are not consumers: the database made ready, deadlines fired, numbers measured."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from prometheus_client import Counter, Gauge

from shared.errors import Away, CannotRun
from shared.runtime.health import Checks
from shared.runtime.metrics import Metrics
from shared.store import Deadlines, Documents, Store
from shared.store.client import close
from shared.store.documents import Filter
from shared.store.unmarked import HalfRestored

log = structlog.get_logger()
MEASURE_SECONDS = 5.0
CHECKS_SECONDS = 15.0
"""Between two looks at the checks of readiness; as often as Prometheus scrapes."""

COUNT_SECONDS = 30.0
"""Between two counts of open work: each is a query, from every replica."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A number of documents shown to operators: those of a collection whose keys match, and the gauge to set."""

    documents: Documents
    keys: Filter
    gauge: Gauge


class Database:
    """Indexes at the start, the client closed at the end."""

    name = "database"

    def __init__(self, stores: Sequence[tuple[Store[Any], Sequence[str]]], client: Any) -> None:
        self._stores = stores
        self._client = client

    async def start(self) -> None:
        """Create what the queries rely on. Raises StoreAway, and may be called again. CannotRun where a restore of this
        database has not ended."""
        try:
            for store, keys in self._stores:
                await store.documents.ensure_indexes(keys, asked=store.kind.asked)
        except HalfRestored as half:
            raise CannotRun(*half.lines) from None

    async def stop(self) -> None:
        """Close the client, if there is one."""
        if self._client is not None:
            await close(self._client)

    async def check(self) -> str | None:
        """None while the database answers."""
        try:
            await self._stores[0][0].documents.ping()
        except Away as away:
            return away.detail or away.title
        return None


class Task:
    """Something that runs until it is cancelled."""

    def __init__(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._run = run
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; returns at once."""
        if self._task is None or self._task.done():
            self._task = asyncio.ensure_future(self._run())

    async def stop(self) -> None:
        """Cancel and wait for the end."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._task

    async def check(self) -> str | None:
        """Red when it ended by itself."""
        return "ended" if self._task is not None and self._task.done() else None


@contextlib.contextmanager
def _measuring(unanswered: Counter | None = None) -> Iterator[None]:
    """A measurement that fails is left out, and the next one made: alerts stand on these numbers. `unanswered` counts
    those for which something was away."""
    try:
        yield
    except Away:
        if unanswered is not None:
            unanswered.inc()
    except Exception:
        log.exception("measuring.failed")


async def measure_deadlines(deadlines: Deadlines, metrics: Metrics, service: str) -> None:
    """Tell every 5 s how many aggregates have a deadline more than a minute overdue, and count each look to which the
    database did not answer: a service that announces nothing and has nothing to consume tries it for nothing else."""
    away = metrics.store_away.labels(where="deadlines")
    away.inc(0)
    while True:
        with _measuring(away):
            metrics.deadlines_late.labels(service=service).set(await deadlines.late())
        await asyncio.sleep(MEASURE_SECONDS)


async def measure_checks(checks: Checks, metrics: Metrics) -> None:
    """Run them and show which are red every 15 s, whether or not anybody asks for readiness: an alert stands on it."""
    while True:
        with _measuring():
            for state in await checks.run():
                metrics.check_red.labels(check=state.name).set(0 if state.ok else 1)
        await asyncio.sleep(CHECKS_SECONDS)


async def count_once(shown: Sequence[Shown]) -> None:
    """Count each and set its gauge. Raises StoreAway; gauges not reached then keep what they showed."""
    for one in shown:
        one.gauge.set(await one.documents.count(one.keys))


async def measure_work(shown: Sequence[Shown]) -> None:
    """Count every 30 s. While the database is away the gauges keep what they showed."""
    while True:
        with _measuring():
            await count_once(shown)
        await asyncio.sleep(COUNT_SECONDS)
