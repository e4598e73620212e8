"""One consumer: a batch of raw records in, their effects, then the commit. Every promise about losing nothing is here.

FastStream swallows what a batch handler raises and goes on with the next batch, whose commit would then cover the one
that failed. So `take` never raises: a batch either ends with all its records done or parked and is committed, or this
consumer takes no further batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

import structlog

from shared.clock import Clock
from shared.errors import Away
from shared.messaging.backoff import AWAY, Pauses, RetryPolicy, pause, pause_unless
from shared.messaging.breaker import Breaker, BreakerPolicy
from shared.messaging.errors import LotFull, Stopped
from shared.messaging.handling import Handling
from shared.messaging.measuring import Metrics
from shared.messaging.order import Lane, committable, lanes, side_by_side
from shared.messaging.parking import ParkingLot
from shared.messaging.passed_over import PassedOver
from shared.messaging.record import FromKafka, Record, shown
from shared.messaging.subscription import Subscription
from shared.store.wording import worded

COMMIT_SECONDS = 5.0
"""A commit that takes longer counts as failed; the records come again and the guards leave them without effect."""

T = TypeVar("T")
log = structlog.get_logger()


class Commits(Protocol):
    """Commits offsets of one topic, by partition. Raises whatever the client raises."""

    async def __call__(self, offsets: Mapping[int, int]) -> None: ...


@dataclass(frozen=True, slots=True)
class ConsumerPolicy:
    """How a consumer works: most keys at once, retries of one event, when it gives up altogether."""

    side_by_side: int = 32
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    away: Pauses = AWAY
    breaker: BreakerPolicy = field(default_factory=BreakerPolicy)


class _Ending(Exception):
    """The consumer is asked to end while it waits for something that is away."""


class Consumer:
    """Consumes one subscription, in one process."""

    def __init__(
        self,
        subscription: Subscription,
        service: str,
        lot: ParkingLot,
        clock: Clock,
        metrics: Metrics,
        policy: ConsumerPolicy | None = None,
    ) -> None:
        self.subscription = subscription
        self.group = subscription.group(service)
        self._topic = subscription.topic.name
        self._policy = policy or ConsumerPolicy()
        self._lot = lot
        self._breaker = Breaker(self._policy.breaker, clock)
        self._metrics = metrics
        self._labels = {"group": self.group, "topic": self._topic}
        self._passed_over = PassedOver(lot, self.group, self._topic, clock)
        self._handling = Handling(subscription, service, metrics, self._policy.retry, passed_over=self._passed_over)
        self._parked: set[str] = set()
        self._parked_known = False
        self._joined = False
        self._away: dict[object, str] = {}
        self._stopped: str | None = None
        self._ending = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self.on_stopped: Callable[[], None] = lambda: None
        self._show_zero()
        lot.serves(self.group, self._handling.settle)

    @property
    def stopped(self) -> str | None:
        """Why it stopped by itself, or None."""
        return self._stopped

    async def check(self) -> str | None:
        """None while it consumes; otherwise why not: not joined yet, stopped, waiting for store, broker or room in the
        lot."""
        if self._stopped is not None:
            return f"stopped: {self._stopped}"
        if not self._joined:
            return "has not joined its group yet"
        return next((f"waits: {why}" for why in self._away.values()), None)

    def assigned(self) -> None:
        """Partitions were given to this member: what others parked must be looked up before the next batch."""
        self._joined = True
        self._parked_known = False

    async def revoked(self, seconds: float) -> None:
        """Partitions will be taken away: let the batch in hand finish and commit, if it can within `seconds`."""
        self._parked_known = False
        if self._away or self._idle.is_set():
            return
        try:
            await asyncio.wait_for(self._idle.wait(), seconds)
        except TimeoutError:
            log.info("batch.outlives_assignment", group=self.group)

    def left(self) -> None:
        """No longer a member."""
        self._joined = False

    def end(self) -> None:
        """Finish the events in hand, commit what is done, take nothing more. For a stop of the process."""
        self._ending.set()

    def begin(self) -> None:
        """Take batches (again)."""
        self._ending.clear()

    async def take(self, batch: Sequence[FromKafka], commits: Commits) -> None:
        """Handle a batch, then commit. Raises nothing but CancelledError, and then has committed nothing."""
        if self._stopped is not None or self._ending.is_set():
            return
        self._idle.clear()
        try:
            await self._work([Record.of(record) for record in batch], commits)
        except _Ending:
            pass
        except Stopped as error:
            self._stop(error.reason)
        except Exception as error:
            log.exception("consumer.broken", group=self.group)
            self._stop(f"unexpected {worded(error)}")
        finally:
            self._idle.set()

    async def _work(self, records: list[Record], commits: Commits) -> None:
        if not self._parked_known:
            self._parked_known = True
            try:
                # in this order: what is discarded in between stands among the keys that are looked up again
                self._parked = await self._until_back(lambda: self._lot.keys_waiting(self.group, self._topic))
                await self._until_back(self._passed_over.read)
            except BaseException:
                self._parked_known = False
                raise
        done: set[tuple[int, int]] = set()

        async def lane(records_of_key: Lane) -> None:
            try:
                await self._key_in_order(records_of_key, done)
            except _Ending:
                pass
            except Stopped as error:
                self._stop(error.reason)

        await side_by_side(lane, lanes(records), self._policy.side_by_side)
        if self._stopped is None:
            await self._commit(committable(records, done), commits)

    async def _key_in_order(self, records: Lane, done: set[tuple[int, int]]) -> None:
        key = shown(records[0].key)
        for place, record in enumerate(records):
            if self._stopped is not None or self._ending.is_set():
                return
            rest = records[place:]
            if key in self._parked:
                waiting = await self._until_back(lambda rest=rest: self._lot.append(self.group, self._topic, rest))  # type: ignore[misc]
                if waiting is None:
                    self._parked.discard(key)
                elif record.place in waiting:
                    done.update(waiting)
                    self._count_parked(len(waiting), None)
                    return
                await self._until_back(lambda: self._passed_over.read_key(key))
            failure = await self._handling.settle(record, self._until_back)
            if failure is None:
                done.add(record.place)
                self._breaker.handled()
                continue
            self._parked.add(key)
            waiting = await self._until_back(
                lambda: self._lot.park(self.group, self._topic, record, failure, rest[1:])  # noqa: B023 - awaited here
            )
            kept = [later.place for later in rest if later.place in waiting]
            log.warning("event.parked", **self._labels, key=key[:80], why=failure.reason, waiting=len(kept))
            done.update((record.place, *kept))  # not kept is what was discarded while it was in hand
            self._count_parked(len(kept), key)
            if len(kept) == len(rest):
                return

    def _count_parked(self, events: int, failed: str | None) -> None:
        self._metrics.events_parked.labels(**self._labels).inc(events)
        self._breaker.parked(events, failed=failed)
        if failed is not None and (reason := self._breaker.tripped()) is not None:
            raise Stopped(reason)

    async def _until_back(self, call: Callable[[], Awaitable[T]]) -> T:
        """The result of `call`, tried for as long as what it needs is away, or the lot has no room: nothing counted."""
        me, attempt = object(), 0
        try:
            while True:
                try:
                    return await call()
                except Away as error:
                    self._note_away(me, error)
                if await pause_unless(self._ending, pause(self._policy.away, attempt)):
                    raise _Ending
                attempt += 1
        finally:
            if self._away.pop(me, None) is not None and not self._away:
                self._metrics.consumer_paused.labels(**self._labels).set(0)
                log.info("consumer.resumes", group=self.group)

    def _note_away(self, waiter: object, error: Away) -> None:
        full = isinstance(error, LotFull)
        why = f"{error.detail}: {error.mend}" if full else error.kind
        if not self._away:
            log.warning("consumer.waits", group=self.group, why=why)
            self._metrics.consumer_paused.labels(**self._labels).set(1)
        if not full:
            self._metrics.store_away.labels(where=self.group).inc()
        self._away[waiter] = why

    async def _commit(self, offsets: dict[int, int], commits: Commits) -> None:
        if not offsets:
            return
        try:
            await asyncio.wait_for(commits(offsets), COMMIT_SECONDS)
        except Exception as error:  # noqa: BLE001 - whatever it is, the effects stand and the records come again
            self._metrics.commit_failures.labels(**self._labels).inc()
            log.warning("commit.failed", **self._labels, offsets=offsets, why=worded(error))

    def _show_zero(self) -> None:
        """Show each count before its first event: of a count that first appears as 1 no increase is seen."""
        for count in (self._metrics.events_parked, self._metrics.commit_failures):
            count.labels(**self._labels).inc(0)
        for level in (self._metrics.consumer_paused, self._metrics.consumer_stopped):
            level.labels(**self._labels).set(0)
        self._metrics.store_away.labels(where=self.group).inc(0)

    def _stop(self, reason: str) -> None:
        if self._stopped is None:
            self._stopped = reason
            self._metrics.consumer_stopped.labels(**self._labels).set(1)
            log.error("consumer.stopped", **self._labels, why=reason)
            self.on_stopped()
