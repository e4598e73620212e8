"""Waking aggregates at their deadlines: found by an index, claimed by one replica, fired like any other input."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from shared.clock import Clock
from shared.contracts.envelope import Actor
from shared.store.causes import DeadlinePassed, Origin
from shared.store.document import from_ms, to_ms
from shared.store.errors import StoreAway
from shared.store.store import Store

Fire = Callable[[str, DeadlinePassed], Awaitable[None]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Alarm:
    """The aggregates of one store and the use case that is fired for each deadline that passed."""

    store: Store[Any]
    fire: Fire


class Deadlines:
    """Fires due deadlines once each, whatever the number of replicas: the document drops the deadline in the same
    write as the effect. A claim lasts `lease`; a replica that died is followed by another after it. One that fails
    holds up no other: it stays claimed, and is tried again when its lease has ended."""

    def __init__(
        self,
        service: str,
        alarms: Sequence[Alarm],
        clock: Clock,
        *,
        every: timedelta = timedelta(seconds=1),
        lease: timedelta = timedelta(seconds=10),
    ) -> None:
        self._actor = Actor(kind="system", id=service, role="system")
        self._alarms = alarms
        self._clock = clock
        self._every = every
        self._lease = lease

    async def run(self) -> None:
        """Until cancelled: fire what is due, wait, look again. Goes on after any error."""
        while True:
            try:
                fired = await self.fire_due()
            except StoreAway:
                fired = 0
            except Exception:
                log.exception("deadline.failed")
                fired = 0
            if not fired:
                await asyncio.sleep(self._every.total_seconds())

    async def fire_due(self) -> int:
        """Fire everything that is due now; how many deadlines were fired. What fails is logged and left. Raises
        StoreAway: then nothing else would succeed either."""
        fired = 0
        for alarm in self._alarms:
            while (claimed := await self._claim(alarm)) is not None:
                try:
                    fired += await self._fire(alarm, claimed)
                except StoreAway:
                    raise
                except Exception:
                    log.exception("deadline.failed", collection=alarm.store.kind.name, id=claimed["_id"])
        return fired

    async def _fire(self, alarm: Alarm, claimed: dict[str, Any]) -> int:
        now, fired = to_ms(self._clock.now()), 0
        for name, at in sorted(claimed["deadlines"].items(), key=lambda item: (item[1], item[0])):
            if at <= now:
                await alarm.fire(claimed["_id"], self._cause(claimed, name, from_ms(at)))
                fired += 1
        return fired

    async def _claim(self, alarm: Alarm) -> dict[str, Any] | None:
        now = self._clock.now()
        return await alarm.store.documents.claim_due(now_ms=to_ms(now), until_ms=to_ms(now + self._lease))

    def _cause(self, document: dict[str, Any], name: str, at: datetime) -> DeadlinePassed:
        origin = Origin(
            actor=self._actor, correlation_id=document["correlation_id"], causation_id=f"deadline:{name}"[:80]
        )
        return DeadlinePassed(origin=origin, name=name, at=at)

    async def late(self) -> int:
        """How many aggregates have a deadline more than a minute overdue."""
        before = to_ms(self._clock.now() - timedelta(minutes=1))
        return sum([await alarm.store.documents.due_count(before_ms=before) for alarm in self._alarms])
