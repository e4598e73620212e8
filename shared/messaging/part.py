"""Messaging of one service as one part of its process: consumers, relay, parking lot, started and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import structlog
from aiokafka.errors import KafkaError

from shared.clock import Clock
from shared.contracts.topics import TOPICS
from shared.errors import Away
from shared.messaging.backoff import AWAY, loop_time, pause
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.broker import make_broker, subscribe
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.measuring import Metrics, NullMetrics
from shared.messaging.membership import Member
from shared.messaging.operators import ParkedForOperators
from shared.messaging.options import KafkaOptions, Settings
from shared.messaging.parking import ParkingLot
from shared.messaging.producer import KafkaProducer, Producer
from shared.messaging.relay import Relay
from shared.messaging.relay_policy import RelayPolicy
from shared.messaging.subscription import Subscription
from shared.messaging.topics import Topics
from shared.store import Documents

MEASURE_SECONDS = 2.0
log = structlog.get_logger()


class Messaging:
    """Made first of all, without any connection: `relay.nudge` goes to the stores (`on_announced`), the handlers are
    built upon these, and `listen` takes their subscriptions. `parked` is the operators' view of the lot.

    `parking` is the collection of the lot, named `parked`, in the service's own database. With `partitions` nothing is
    published or consumed before the service's topics are known to exist with so many partitions.
    """

    name = "messaging"

    def __init__(
        self,
        service: str,
        options: KafkaOptions,
        parking: Documents,
        clock: Clock,
        *,
        metrics: Metrics | None = None,
        consumer_policy: ConsumerPolicy | None = None,
        relay_policy: RelayPolicy | None = None,
        producer: Producer | None = None,
        partitions: int | None = None,
        answers_kept: timedelta = timedelta(hours=24),
    ) -> None:
        self.service = service
        self.options = options
        self._clock = clock
        self._metrics = metrics or NullMetrics()
        self._policy = consumer_policy or ConsumerPolicy()
        self._producer = producer or KafkaProducer(options)
        self._metrics.store_away.labels(where="relay").inc(0)  # a count that first appears as 1 shows no increase
        self.broker = make_broker(options)
        self.lot = ParkingLot(service, parking, clock, answers_kept=answers_kept)
        self.parked = ParkedForOperators(self.lot)
        self.relay = Relay(self._producer, clock, self._metrics, policy=relay_policy)
        self.members: list[Member] = []
        self._running: set[asyncio.Task[None]] = set()
        self._partitions = partitions
        if partitions is not None:
            self.relay.open(opened=False)

    @classmethod
    def of(
        cls,
        settings: Settings,
        service: str,
        parking: Documents,
        clock: Clock,
        *,
        metrics: Metrics | None = None,
        topic_prefix: str = "",
    ) -> Messaging:
        """From a service's settings."""
        window = timedelta(seconds=settings.parking_window_seconds)
        breaker = BreakerPolicy(share=settings.parking_share, keys=settings.parking_keys, window=window)
        options = KafkaOptions.of(settings, service, topic_prefix=topic_prefix)
        policy = replace(ConsumerPolicy(), breaker=breaker)
        return cls(
            service,
            options,
            parking,
            clock,
            metrics=metrics,
            consumer_policy=policy,
            partitions=settings.kafka_partitions,
            answers_kept=timedelta(hours=settings.idempotency_hours),
        )

    def listen(self, *subscriptions: Subscription) -> None:
        """Consume these from the start on. ValueError where two share a group, which would split its events."""
        for subscription in subscriptions:
            consumer = Consumer(subscription, self.service, self.lot, self._clock, self._metrics, self._policy)
            if any(member.consumer.group == consumer.group for member in self.members):
                raise ValueError(f"two subscriptions of {self.service} are called {subscription.concern}")
            subscriber = subscribe(self.broker, consumer, self.options)
            self.members.append(Member(consumer, subscriber, self._metrics, self.options.stop_seconds * 0.6))

    def checks(self) -> Mapping[str, Callable[[], Awaitable[str | None]]]:
        """Readiness checks by name: each consumer, and the relay. A red one never refuses a write over HTTP."""
        consumers = {f"consumer {member.consumer.group}": member.check for member in self.members}
        return {**consumers, "relay": self.relay.check}

    def told(self) -> Mapping[str, Callable[[], Awaitable[str | None]]]:
        """Checks that keep no service from being ready, by name: whether each consumer can read all its partitions, and
        whether Kafka takes every announcement as it is. Each replica would be red for the same record."""
        partitions = {f"partitions {member.consumer.group}": member.unreadable for member in self.members}
        return {**partitions, "announcements": self.relay.refused}

    async def start(self) -> None:
        """Return when every consumer has joined its group; what is announced meanwhile is published already.

        Waits for Kafka as long as it is away; raises StoreAway where the database is, and may be called again.
        CannotRun where a topic of this service is missing or has another number of partitions."""
        await self._check_topics()
        self.relay.open()
        if not self._running:
            self._running = {asyncio.create_task(self.relay.run()), asyncio.create_task(self._measure())}
        await self.lot.prepare()
        await self.broker.connect()
        async with asyncio.TaskGroup() as joining:
            for member in self.members:
                joining.create_task(member.start())

    async def _check_topics(self) -> None:
        """Those it consumes and those it writes; tried again while Kafka is away."""
        if self._partitions is None:
            return
        heard = {member.consumer.subscription.topic.name for member in self.members}
        ours = [topic for topic in TOPICS.values() if topic.producer == self.service or topic.name in heard]
        prefix = self.options.topic_prefix
        wanted = [replace(topic, name=prefix + topic.name) for topic in ours]
        topics = Topics(self.options.addresses, partitions=self._partitions, wanted=wanted)
        attempt = 0
        while True:
            try:
                await topics.check()
                return
            except (Away, KafkaError, OSError) as error:
                log.warning("topics.unknown", service=self.service, why=repr(error)[:300])
                await asyncio.sleep(pause(AWAY, attempt))
                attempt += 1

    async def stop(self) -> None:
        """Finish the events in hand, commit, leave the groups, publish what was announced; within `stop_seconds`.

        Safe at any time, also during `start`, and twice. What does not get done is done after the next start."""
        until = loop_time() + self.options.stop_seconds
        await asyncio.gather(*(member.stop() for member in self.members), return_exceptions=True)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._running = set()
        if not await self.relay.drain(max(0.2, until - loop_time() - 0.5)):
            log.warning("relay.unfinished", service=self.service)
        await self._producer.close(0.5)
        with contextlib.suppress(Exception):
            await asyncio.wait_for(self.broker.stop(), 0.5)

    async def _measure(self) -> None:
        while True:
            for member in self.members:
                member.measure()
            await asyncio.sleep(MEASURE_SECONDS)
