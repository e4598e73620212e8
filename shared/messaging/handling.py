"""One record through its handler: decode, dispatch, try again where that helps, and say what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import structlog

from shared.errors import Away
from shared.messaging.backoff import RetryPolicy, pause
from shared.messaging.correlation import about
from shared.messaging.errors import Permanent, Stopped, Transient
from shared.messaging.event import ErasedKey, Event, Malformed, decode
from shared.messaging.measuring import Metrics
from shared.messaging.parking import Failure
from shared.messaging.passed_over import PassedOver
from shared.messaging.record import Record, shown
from shared.messaging.subscription import Subscription
from shared.messaging.watch import Seen, SequenceWatch
from shared.store import SequenceGap
from shared.store.wording import ERROR_LENGTH, worded

Sleep = Callable[[float], Awaitable[None]]
Outcome = Awaitable[Failure | None]
Through = Callable[[Callable[[], Outcome]], Outcome]
"""Runs a call, and runs it again for as long as something it needs is away."""

log = structlog.get_logger()


class Handling:
    """Handles the records of one subscription, one at a time per key."""

    def __init__(
        self,
        subscription: Subscription,
        service: str,
        metrics: Metrics,
        retry: RetryPolicy,
        *,
        sleep: Sleep = asyncio.sleep,
        passed_over: PassedOver | None = None,
    ) -> None:
        self._subscription = subscription
        self._service = service
        self._group = subscription.group(service)
        self._retry = retry
        self._sleep = sleep
        self._over = passed_over
        self._watch = SequenceWatch()
        labels = {"group": self._group, "topic": subscription.topic.name}
        self._handled = metrics.events_handled.labels(**labels)
        self._retried = metrics.events_retried.labels(**labels)
        self._repeated = metrics.events_repeated.labels(**labels)
        self._passed_over = metrics.events_passed_over.labels(**labels)
        self._gaps = metrics.event_gaps.labels(**labels)

    async def settle(self, record: Record, through: Through | None = None) -> Failure | None:
        """Handle a record: None when its effects are durable, the failure when it must be parked. What an operator
        has discarded has none, and neither has what was lost with the database before a restore.

        StoreAway and BrokerAway count as no attempt: they pass to `through`, or to the caller where there is none (an
        operator's redrive). Raises Stopped where a handler says so."""
        event = decode(record, self._subscription.topic, self._service)
        if self._over is not None and self._over.holds(record):
            if not isinstance(event, Malformed):
                self._note(event)
            self._passed_over.inc()
            return None
        if isinstance(event, Malformed):
            log.warning("event.malformed", group=self._group, key=shown(record.key)[:80], why=event.reason)
            return Failure(f"malformed: {event.reason}", event.detail)
        with about(event, self._group):
            if through is None:
                return await self._attempts(event, Seen.REPEAT)
            seen = self._note(event)
            return await through(lambda: self._attempts(event, seen))

    def _note(self, event: Event[Any] | ErasedKey) -> Seen:
        if isinstance(event, ErasedKey):
            return Seen.NEW
        seen = self._watch.note(event.key, event.envelope.sequence)
        if seen is Seen.REPEAT:
            self._repeated.inc()
        elif seen is Seen.GAP and event.topic.contiguous:
            self._gaps.inc()
        return seen

    async def _attempts(self, event: Event[Any] | ErasedKey, seen: Seen) -> Failure | None:
        last: Exception | None = None
        for attempt in range(self._retry.attempts):
            if attempt:
                self._retried.inc()
                await self._sleep(pause(self._retry, attempt - 1))
            try:
                await self._over_discarded(event)
            except (Away, Stopped):
                raise
            except Permanent as error:
                return Failure("permanent", error.reason[:ERROR_LENGTH], attempt + 1)
            except SequenceGap as error:
                if seen is not Seen.GAP:
                    self._gaps.inc()
                return Failure("sequence gap", str(error)[:ERROR_LENGTH], attempt + 1)
            except Transient as error:
                last = error
            except Exception as error:
                last = error
                if attempt == 0:
                    log.exception("event.failed", topic=self._subscription.topic.name)
            else:
                return None
        reason = "transient, attempts exhausted" if isinstance(last, Transient) else "error, attempts exhausted"
        return Failure(reason, worded(last), self._retry.attempts)

    async def _over_discarded(self, event: Event[Any] | ErasedKey) -> None:
        """Dispatch; what an operator has discarded is looked up only where something is missing."""
        try:
            await self._dispatch(event)
        except SequenceGap:
            if isinstance(event, ErasedKey) or self._over is None:
                raise
            if not (gone := await self._over.sequences(event.key)):
                raise
            await self._dispatch(replace(event, discarded=gone))

    async def _dispatch(self, event: Event[Any] | ErasedKey) -> None:
        chosen = self._subscription
        if isinstance(event, ErasedKey):
            if chosen.erases is None:
                self._passed_over.inc()
                return
            await chosen.erases(event)
        elif (handler := chosen.handles.get(type(event.data))) is not None:
            await handler(event)
        else:
            if chosen.advances is not None:
                await chosen.advances(event)
            self._passed_over.inc()
            return
        self._handled.inc()
