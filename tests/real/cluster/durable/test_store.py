"""A primary that is cut off and deposed: what it alone knew was promised to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from shared.clock import SystemClock
from shared.messaging.options import KafkaOptions
from shared.messaging.producer import KafkaProducer
from shared.messaging.relay import Relay
from shared.messaging.relay_policy import RelayPolicy
from shared.store import Decision, Kind, MongoDocuments, Step, Store
from shared.store.client import close, connect
from shared.store.errors import StoreAway
from tests.support.cluster_of_three import primary_beside_first, primary_cut_off, topic_on_all_brokers
from tests.support.eventually import eventually
from tests.support.messages import ORIGIN, Counted, Tally, evaluation
from tests.support.real_cluster import RealCluster
from tests.support.wired import TOPIC, log_of

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

KIND = Kind(name="things", aggregate="evaluation", model=Tally)
DECISIONS = 5


@pytest.fixture
async def things(cluster_of_three: RealCluster, topic_prefix: str) -> AsyncIterator[MongoDocuments]:
    """A collection on the cluster, in a database of its own, with one document that all members have."""
    await asyncio.to_thread(primary_beside_first, cluster_of_three)
    client: Any = connect(cluster_of_three.mongodb)
    database = f"durable_{topic_prefix.rstrip('.')}"
    documents = MongoDocuments(client[database]["things"])

    async def written() -> bool:
        try:
            await documents.ensure_indexes(())
            return await decide(Store(KIND, documents, SystemClock()), "first")
        except StoreAway:
            return False

    await eventually(written, within=60, what="the first document on a majority", every=0.2)
    try:
        yield documents
    finally:
        await client.drop_database(database)
        await close(client)


async def decide(store: Store[Tally], key: str) -> bool:
    """One decision with its announcement; whether it was acknowledged. StoreAway says that this is not known."""

    def decided(state: Tally | None) -> Decision[Tally]:
        return Decision(Tally(applied=(*(state.applied if state else ()), 1)), (evaluation(key),))

    await store.change(key, Step(origin=ORIGIN), decided)
    return True


async def test_a_decision_that_was_acknowledged_survives_the_primary_that_took_it(
    cluster_of_three: RealCluster, things: MongoDocuments
) -> None:
    store = Store(KIND, things, SystemClock())
    keys = [f"thing-{n}" for n in range(DECISIONS)]
    with primary_cut_off(cluster_of_three):
        answers = await asyncio.gather(*(decide(store, key) for key in keys), return_exceptions=True)
    acknowledged = {key for key, answer in zip(keys, answers, strict=True) if answer is True}

    async def there() -> set[str]:
        try:
            return {"first"} | {row["_id"] for row in await things.get_many(keys)}
        except StoreAway:
            return set()

    found = await eventually(there, within=60, what="the new primary answers", every=0.2)
    assert acknowledged - found == set(), "acknowledged, and gone with the primary"
    refused = [answer for answer in answers if answer is not True]
    assert all(isinstance(answer, StoreAway) for answer in refused), refused


async def test_the_relay_announces_nothing_that_only_a_cut_off_primary_knows(
    cluster_of_three: RealCluster, things: MongoDocuments, topic_prefix: str
) -> None:
    addresses = await topic_on_all_brokers(cluster_of_three, topic_prefix)
    producer = KafkaProducer(KafkaOptions(addresses=tuple(addresses), client_id="matching", topic_prefix=topic_prefix))
    policy = RelayPolicy(left_behind=timedelta(0))
    relay = Relay(producer, SystemClock(), Counted(), outboxes=[things], policy=policy)
    store = Store(KIND, things, SystemClock())
    try:
        assert await relay.sweep() == 1, "the first document's announcement"

        async def published() -> bool:
            return await things.pending_depth() == (0, None)

        await eventually(published, within=30, what="the first announcement is out")
        with primary_cut_off(cluster_of_three):
            with pytest.raises(StoreAway):
                await decide(store, "never-decided")
            await relay.sweep()
            await relay.drain(5.0)
    finally:
        await producer.close(1.0)

    async def decided() -> set[str]:
        try:
            return {row["_id"] for row in await things.get_many(["first", "never-decided"])}
        except StoreAway:
            return set()

    documents = await eventually(decided, within=60, what="the new primary answers", every=0.2)
    announced = {record.key.decode() for record in await log_of(addresses, topic_prefix)}
    assert announced <= documents, f"on {TOPIC.name}, and no document has decided it: {announced - documents}"
    assert "first" in announced
