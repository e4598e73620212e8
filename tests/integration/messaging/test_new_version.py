"""A contract gets a new version while events flow: consumers first, then the producer, and back again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from shared.contracts.catalogue import Contract
from shared.messaging.topics import Topics
from shared.store import MemoryDocuments
from tests.support.eventually import eventually
from tests.support.messages import BY
from tests.support.two_versions import (
    RATINGS,
    RATINGS_2,
    V1,
    V2,
    V2_MISPLACED,
    Announces,
    Consumer,
    Producer,
    Releases,
    every_effect_once,
)
from tests.support.wired import PARTITIONS

pytestmark = pytest.mark.embedded
KEYS = tuple(f"rat_{number}" for number in range(8))


class Deployment:
    """One producer and one consumer at a time, on two topics; a new release takes the place of the one before."""

    def __init__(self, addresses: list[str], prefix: str, releases: Releases) -> None:
        self._place = (addresses, prefix)
        self.releases = releases
        self._given, self._heard, self._lot = (MemoryDocuments(name) for name in ("given", "heard", "parked"))
        self.decided = dict.fromkeys(KEYS, 0)
        self._producer: Producer | None = None
        self._consumer: Consumer | None = None

    async def produce(self, announces: Announces, rounds: int, keys: tuple[str, ...] = KEYS) -> None:
        """Release a producer that announces so, and let it decide; nobody waits for the consumer."""
        await self._stop(self._producer)
        self._producer = Producer(*self._place, self._given, announces)
        await self._producer.messaging.start()
        await self._producer.decide(keys, rounds)
        self.decided.update({key: self.decided[key] + rounds for key in keys})

    async def consume(self, *contracts: Contract) -> Consumer:
        """Release a consumer that knows these contracts."""
        await self.stop_consuming()
        self.releases.consumers_know(*contracts)
        self._consumer = Consumer(*self._place, self._heard, self._lot, *contracts)
        await self._consumer.messaging.start()
        return self._consumer

    async def stop_consuming(self) -> None:
        await self._stop(self._consumer)
        self._consumer = None

    async def every_effect_is_there_once(self, consumer: Consumer, keys: tuple[str, ...] = KEYS) -> None:
        """Each decision about each of the keys had its one effect, in order."""
        expected = {key: every_effect_once(self.decided[key]) for key in keys}

        async def reached() -> bool:
            assert {key: await consumer.applied(key) for key in keys} == expected
            return True

        await eventually(reached, within=30, what="every effect once and in order")

    async def end(self) -> None:
        await self._stop(self._producer)
        await self._stop(self._consumer)

    @staticmethod
    async def _stop(side: Producer | Consumer | None) -> None:
        if side is not None:
            await side.messaging.stop()


@pytest.fixture
async def deployment(
    kafka_address: list[str], topic_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Deployment]:
    wanted = [replace(topic, name=topic_prefix + topic.name) for topic in (RATINGS, RATINGS_2)]
    assert await Topics(kafka_address, partitions=PARTITIONS, wanted=wanted).apply() == []
    made = Deployment(kafka_address, topic_prefix, Releases(monkeypatch))
    yield made
    await made.end()


async def test_consumers_before_producers_and_back_again(deployment: Deployment) -> None:
    """Each switch is made while records wait: nothing parked, nothing lost, each effect once and in order."""
    await deployment.consume(V1)
    await deployment.produce("v1", 5)
    await deployment.stop_consuming()
    await deployment.produce("v1", 5)
    consumer = await deployment.consume(V1, V2)  # consumers first: they know what nobody says yet
    await deployment.produce("both", 10)
    await deployment.every_effect_is_there_once(consumer)
    await deployment.produce("both", 5)
    await deployment.produce("v1", 10)  # rollback: the producer's release before, and nothing else
    await deployment.every_effect_is_there_once(consumer)
    await deployment.produce("v1", 5)
    await deployment.produce("both", 10)
    await deployment.every_effect_is_there_once(consumer)
    await deployment.produce("both", 5)
    await deployment.produce("v2", 10)  # nobody is left who needs version 1
    await deployment.every_effect_is_there_once(consumer)
    assert await consumer.parked() == {}
    assert consumer.counted["event_gaps"] == 0


async def test_a_consumer_that_was_not_upgraded_goes_on_with_version_1(deployment: Deployment) -> None:
    consumer = await deployment.consume(V1)
    await deployment.produce("v1", 3)
    await deployment.produce("both", 3)
    await deployment.every_effect_is_there_once(consumer)
    assert await consumer.parked() == {}


async def test_a_new_topic_without_its_consumer_waits_and_loses_nothing(deployment: Deployment) -> None:
    """The wrong order, on a topic of its own: the old consumer hears nothing of it, the new one hears all of it."""
    consumer = await deployment.consume(V1)
    await deployment.produce("v1", 3)
    await deployment.every_effect_is_there_once(consumer)
    await deployment.produce("v2", 3)
    assert await consumer.parked() == {}
    upgraded = await deployment.consume(V1, V2)
    await deployment.every_effect_is_there_once(upgraded)
    assert await upgraded.parked() == {}


async def test_an_unknown_version_is_parked_and_redriven_after_the_upgrade(deployment: Deployment) -> None:
    """The wrong order, on the topic of version 1: the keys concerned wait in order, the others go on."""
    concerned, others = KEYS[:3], KEYS[3:]
    consumer = await deployment.consume(V1)
    await deployment.produce("v1", 2)
    await deployment.produce("v2 on the topic of v1", 1, concerned)
    await deployment.produce("v1", 2)  # taken back; what it said stays on the topic
    await deployment.every_effect_is_there_once(consumer, others)
    unknown = "malformed: type or version is not in the catalogue"
    await eventually(lambda: _is_parked(consumer, [unknown] * 3), within=20, what="three keys parked")
    for key in concerned:
        assert await consumer.applied(key) == every_effect_once(2), "a later event overtook a parked one"

    upgraded = await deployment.consume(V1, V2_MISPLACED)
    await deployment.produce("v1", 2)  # events that come meanwhile queue behind
    for id_ in await upgraded.parked():
        report = await upgraded.messaging.lot.redrive(id_, BY)
        assert report is not None
        assert report.remaining == 0
    await deployment.every_effect_is_there_once(upgraded)
    assert await upgraded.parked() == {}


async def _is_parked(consumer: Consumer, reasons: list[str]) -> bool:
    return list((await consumer.parked()).values()) == reasons
