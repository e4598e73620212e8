"""A consumer's membership in its group: joining until it works, leaving within a bound."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Any

import structlog
from aiokafka import TopicPartition

from shared.messaging.backoff import AWAY, loop_time, pause, pause_unless
from shared.messaging.broker import LongPoll
from shared.messaging.client_work import abandon, ended
from shared.messaging.consumer import Consumer
from shared.messaging.measuring import Metrics

ABANDON_SECONDS = 0.5
LOOK_SECONDS = 1.0
"""Between two looks at whether the client still works for its group."""
LASTS_SECONDS = 60.0
"""A client that ends sooner after it joined is made anew after a pause: each time, the whole group shares anew."""
log = structlog.get_logger()


class Member:
    """One consumer and its FastStream subscriber."""

    def __init__(self, consumer: Consumer, subscriber: LongPoll, metrics: Metrics, stop_seconds: float) -> None:
        self.consumer = consumer
        self._subscriber = subscriber
        self._lag = metrics.consumer_lag
        self._told: set[int] = set()
        self._stop_seconds = stop_seconds
        self._stop = asyncio.Event()
        self._leaving: asyncio.Task[None] | None = None
        self._tending: asyncio.Task[None] | None = None
        self._releasing = asyncio.Lock()
        consumer.on_stopped = self._leave_by_itself

    async def start(self) -> None:
        """Return when the group has been joined, or when it is stopped before; tries again while Kafka is away."""
        if self._tending is not None and not self._tending.done():
            return
        self._stop.clear()
        await self._join()
        if not self._stop.is_set():
            self._tending = asyncio.create_task(self._tend())

    async def _join(self) -> None:
        """Until it has joined, is stopped, or has stopped by itself. Goes on after any error."""
        if not self._stop.is_set():
            self.consumer.begin()
        attempt = 0
        while not self._stop.is_set() and self.consumer.stopped is None:
            joining = asyncio.ensure_future(self._subscriber.start())
            try:
                why = await self._until_joined(joining)
            finally:
                joining.cancel()
            if not joining.done():
                await asyncio.wait({joining}, timeout=ABANDON_SECONDS)
            if why is None:
                break
            log.warning("join.failed", group=self.consumer.group, why=why)
            await self._release(ABANDON_SECONDS)
            await pause_unless(self._stop, pause(AWAY, attempt))
            attempt += 1
        if self.consumer.stopped is not None:
            await self._release(self._stop_seconds)

    async def _until_joined(self, joining: asyncio.Future[None]) -> str | None:
        """None once that has joined or is to be stopped; otherwise why it has not, or never will."""
        stopping = asyncio.ensure_future(self._stop.wait())
        try:
            while not (joining.done() or stopping.done()):
                waited: set[asyncio.Future[Any]] = {joining, stopping}
                await asyncio.wait(waited, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                if not joining.done() and (why := ended(self._subscriber.consumer)) is not None:
                    return why
        finally:
            stopping.cancel()
        if joining.done() and (error := joining.exception()) is not None:
            return ended(self._subscriber.consumer) or f"{error!r:.300}"
        return None

    async def _tend(self) -> None:
        """Join anew whenever the client's own work has ended by an error: it never takes that up again by itself."""
        attempt, joined = 0, loop_time()
        while not await pause_unless(self._stop, LOOK_SECONDS):
            if self.consumer.stopped is not None:
                return
            if (why := ended(self._subscriber.consumer)) is None:
                continue
            log.error("join.again", group=self.consumer.group, why=why)
            self.consumer.left()
            self.consumer.end()
            await self._release(self._stop_seconds)
            attempt = attempt + 1 if loop_time() - joined < LASTS_SECONDS else 0
            if attempt:
                await pause_unless(self._stop, pause(AWAY, attempt))
            await self._join()
            joined = loop_time()

    async def stop(self, seconds: float | None = None) -> None:
        """Finish the events in hand, commit, leave the group; after `seconds` leave without."""
        until = loop_time() + (seconds or self._stop_seconds)
        self._stop.set()
        self.consumer.end()
        if busy := {task for task in (self._leaving, self._tending) if task is not None and not task.done()}:
            await asyncio.wait(busy, timeout=until - loop_time())
        await self._release(max(ABANDON_SECONDS, until - loop_time()))
        self.consumer.left()

    async def check(self) -> str | None:
        """The consumer's own state; then whether it can poll and Kafka answers its heartbeats."""
        if (reason := await self.consumer.check() or self._subscriber.poll.check()) is not None:
            return reason
        coordinator = getattr(self._subscriber.consumer, "_coordinator", None)
        if coordinator is not None and getattr(coordinator, "coordinator_id", 0) is None:
            return "Kafka's coordinator of its group does not answer"
        return None

    async def unreadable(self) -> str | None:
        """None while each of its partitions can be read. The others go on, so it keeps no service from being ready."""
        return self._subscriber.poll.unreadable()

    def measure(self) -> None:
        """Set the gauge of records that wait, per partition held; 0 for one that another member holds now."""
        kafka: Any = self._subscriber.consumer
        waiting: dict[int, int] = {}
        with contextlib.suppress(Exception):
            place: TopicPartition
            for place in kafka.assignment() if kafka is not None else ():
                state = kafka._subscription.subscription.assignment.state_value(place)
                if state.highwater is not None and state.has_valid_position:
                    waiting[place.partition] = max(0, state.highwater - state.position)
        self.tell(waiting)

    def tell(self, waiting: Mapping[int, int]) -> None:
        """Show how many records wait on each partition held. What was held before must not be counted twice."""
        topic = self.consumer.subscription.topic.name
        for partition in self._told | waiting.keys():
            gauge = self._lag.labels(group=self.consumer.group, topic=topic, partition=partition)
            gauge.set(waiting.get(partition, 0))
        self._told = set(waiting)

    def _leave_by_itself(self) -> None:
        if self._leaving is None or self._leaving.done():
            self._leaving = asyncio.create_task(self._release(self._stop_seconds))

    async def _release(self, seconds: float) -> None:
        """Stop the subscriber; where that takes too long, close its connections and let Kafka notice by itself."""
        async with self._releasing:
            kafka: Any = self._subscriber.consumer
            ending = asyncio.ensure_future(self._subscriber.stop())
            await asyncio.wait({ending}, timeout=seconds)
            if ending.done() and not ending.cancelled():
                if (error := ending.exception()) is None:
                    return
                log.warning("leave.failed", group=self.consumer.group, why=repr(error)[:300])
            else:
                # with the batch in hand, which must not go on beside the next client's
                tasks = {ending, *self._subscriber.tasks}
                for task in tasks:
                    task.cancel()
                with contextlib.suppress(BaseException):
                    await asyncio.wait(tasks, timeout=ABANDON_SECONDS)
                log.warning("leave.abandoned", group=self.consumer.group, seconds=seconds)
            self._subscriber.tasks.clear()
            if kafka is not None:
                await abandon(kafka)
                self._subscriber.consumer = None
