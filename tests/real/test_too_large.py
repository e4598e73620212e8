"""A record over the topic's limit: Kafka refuses it, everything else goes on, and raising the limit lets it out.

The stand-in has no such limit.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.store import Decision
from tests.support.eventually import eventually
from tests.support.messages import Tally, evaluation, step
from tests.support.wired import TOPIC, Wired, committed, log_of, make_topic

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]
OVER_THE_DEFAULT = 1_100_000
"""Letters; a topic takes 1,048,588 bytes where nobody raised it."""
RAISED = 17 * 1024 * 1024


async def raise_limit(addresses: Sequence[str], topic: str) -> None:
    """What the runbook's command does."""
    admin = AIOKafkaAdminClient(bootstrap_servers=list(addresses))
    await admin.start()
    try:
        limit = {"max.message.bytes": str(RAISED)}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=limit)])
    finally:
        await admin.close()


async def test_a_record_too_large_for_its_topic_holds_up_no_other_and_goes_once_the_limit_is_raised(
    kafka_address: list[str], topic_prefix: str
) -> None:
    await make_topic(kafka_address, topic_prefix)
    wired = Wired(kafka_address, topic_prefix)
    large = evaluation("large").model_copy(update={"expert_id": "e" * OVER_THE_DEFAULT})
    told = Decision(Tally(applied=(1,)), (large,))
    await wired.messaging.start()
    try:
        await wired.things.change("large", step(), lambda _: told)
        reason = await eventually(wired.messaging.relay.refused, within=30, what="its check turns red")
        assert "evaluation.completed" in str(reason)
        assert "MessageSizeTooLarge" in str(reason)
        for _ in range(3):
            await wired.announce("a")

        async def the_others_are_heard() -> bool:
            return await wired.effects.applied("a") == [1, 2, 3]

        await eventually(the_others_are_heard, within=30, what="the others are out and heard")
        assert await wired.waiting() == 1
        await raise_limit(kafka_address, topic_prefix + TOPIC.name)
        await eventually(wired.empty, within=60, what="it goes at the next try, half a minute after the first")

        async def all_are_read() -> bool:
            return sum((await committed(kafka_address, topic_prefix, wired.group)).values()) == 4

        await eventually(all_are_read, within=30, what="a consumer takes it too, though what it says is malformed")
        assert await wired.messaging.relay.refused() is None
        assert sorted(record.key for record in await log_of(kafka_address, topic_prefix)) == [b"a"] * 3 + [b"large"]
    finally:
        await wired.messaging.stop()
