"""The numbers alerts stand on: a measurement that fails is not the last one."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import CollectorRegistry, Gauge

from shared.clock import SystemClock
from shared.runtime import background
from shared.runtime.background import Shown, Task, measure_checks, measure_deadlines, measure_work
from shared.runtime.health import Checks
from shared.runtime.metrics import Metrics
from shared.store import Deadlines, MemoryDocuments, StoreAway
from shared.store.documents import Filter
from tests.support.eventually import eventually


class _Failing(MemoryDocuments):
    """Fails in an unforeseen way the first time it is asked."""

    asked = 0

    async def count(self, keys: Filter) -> int:
        self.asked += 1
        if self.asked == 1:
            raise KeyError("planted")
        return await super().count(keys) + 7


async def test_a_measurement_that_fails_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "COUNT_SECONDS", 0.01)
    gauge = Gauge("sample", "sample", registry=CollectorRegistry())
    task = Task("measure-work", lambda: measure_work([Shown(_Failing("sample"), {}, gauge)]))
    await task.start()
    await eventually(lambda: gauge._value.get() == 7, what="the second count is shown")
    assert await task.check() is None
    await task.stop()


async def test_checks_are_shown_though_nobody_asks_for_readiness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "CHECKS_SECONDS", 0.01)
    checks, metrics, reasons = Checks(), Metrics(), ["has not joined its group yet"]

    async def joined() -> str | None:
        return reasons[0] if reasons else None

    checks.add("consumer sample", joined)
    task = Task("measure-checks", lambda: measure_checks(checks, metrics))
    await task.start()
    red = metrics.check_red.labels(check="consumer sample")
    await eventually(lambda: red._value.get() == 1, what="the red check is shown")
    reasons.clear()
    await eventually(lambda: red._value.get() == 0, what="it is shown as green again")
    await task.stop()


class _Late(Deadlines):
    """Finds four aggregates overdue."""

    async def late(self) -> int:
        return 4


async def test_what_is_overdue_is_shown_under_the_name_of_the_service() -> None:
    metrics = Metrics()
    task = Task(
        "measure-deadlines", lambda: measure_deadlines(_Late("matching", (), SystemClock()), metrics, "matching")
    )
    await task.start()
    line = 'entente_deadlines_late{service="matching"} 4.0'
    await eventually(lambda: line in metrics.render().decode(), what="the number is shown")
    await task.stop()


class _Away(Deadlines):
    """Finds its database away."""

    async def late(self) -> int:
        raise StoreAway("no answer")


async def test_a_database_away_is_counted_also_where_nothing_is_to_be_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a quiet night a service that announces nothing asks its database for nothing else."""
    monkeypatch.setattr(background, "MEASURE_SECONDS", 0.01)
    metrics = Metrics()
    away = metrics.store_away.labels(where="deadlines")
    task = Task("measure-deadlines", lambda: measure_deadlines(_Away("sample", (), SystemClock()), metrics, "sample"))
    await task.start()
    await eventually(lambda: away._value.get() >= 2, what="each look is counted, and another one follows")
    await task.stop()


async def test_a_task_that_ended_by_itself_is_red() -> None:
    task = Task("sample", lambda: asyncio.sleep(0))
    await task.start()

    async def ended() -> bool:
        return await task.check() is not None

    await eventually(ended, what="the task is told as ended")
