"""Waiting events for matching: revisions of a sample roster, put on the topic as registration's relay would."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from pydantic import BaseModel

from shared.clock import SystemClock
from shared.contracts.catalogue import contract_of
from shared.contracts.catalogue_page import EXAMPLES
from shared.contracts.envelope import Actor
from shared.contracts.events.experts import ExpertRevised
from shared.contracts.schema import file_of
from shared.contracts.topics import EXPERTS
from shared.messaging.options import KafkaOptions
from shared.messaging.part import Messaging
from shared.store import Decision, Kind, MemoryDocuments, Origin, Step, Store

REVISIONS = 10
"""Revisions of one expert: later ones wait behind earlier ones of the same key, as they do after a long absence."""
GROUP = "matching.roster"
STEP = Step(origin=Origin(actor=Actor(kind="system", id="bench", role="system"), correlation_id="bench"))


class Revised(BaseModel):
    """How often an expert was revised."""

    times: int = 0


REVISED: Kind[Revised] = Kind("revised", EXPERTS.aggregate, Revised)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where the group stood before its events were put on the topic, and the experts they are about."""

    begins: Mapping[int, int]
    experts: tuple[str, ...]


async def put(addresses: Sequence[str], events: int, partitions: int) -> Waiting:
    """Publish `events` revisions, `REVISIONS` of each expert, in rounds: all experts once, then all of them again.

    The topic must exist, with that many partitions. Every call is about new experts; older records stay out of it.
    """
    data = json.loads((EXAMPLES / file_of(contract_of(ExpertRevised))).read_text("utf-8"))["data"]
    run = uuid.uuid4().hex[:6]
    experts = tuple(f"exp_{run}{number:05d}" for number in range(max(1, events // REVISIONS)))
    begins = await _ends(addresses, partitions)
    documents = MemoryDocuments("revised")
    options = KafkaOptions(addresses=tuple(addresses), client_id="bench", session_timeout_ms=6000)
    messaging = Messaging("bench", options, MemoryDocuments("parked"), SystemClock())
    store = Store(REVISED, documents, SystemClock(), on_announced=messaging.relay.nudge)
    messaging.relay.open()
    sweeping = asyncio.create_task(messaging.relay.run())
    try:
        for revision in range(REVISIONS):
            for expert in experts:
                said = ExpertRevised.model_validate({**data, "expert_id": expert, "summary": f"Revision {revision}."})
                await store.change(expert, STEP, lambda _, said=said: Decision(Revised(), (said,)))  # type: ignore[misc]
            async with asyncio.timeout(120):
                while (await documents.pending_depth())[0]:  # noqa: ASYNC110 - the outbox has no event to wait for
                    await asyncio.sleep(0.05)
    finally:
        sweeping.cancel()
        await messaging.stop()
    return Waiting(begins, experts)


async def rewind(addresses: Sequence[str], waiting: Waiting) -> None:
    """Let the group begin with these events once more. It must have no member."""
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=list(addresses), group_id=GROUP, enable_auto_commit=False)
    await consumer.start()
    try:
        places = {TopicPartition(EXPERTS.name, n): offset for n, offset in waiting.begins.items()}
        consumer.assign(list(places))
        await consumer.commit(places)
    finally:
        await consumer.stop()


async def _ends(addresses: Sequence[str], partitions: int) -> dict[int, int]:
    consumer: Any = AIOKafkaConsumer(bootstrap_servers=list(addresses))
    await consumer.start()
    try:
        places = [TopicPartition(EXPERTS.name, number) for number in range(partitions)]
        return {place.partition: offset for place, offset in (await consumer.end_offsets(places)).items()}
    finally:
        await consumer.stop()
