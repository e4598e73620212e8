"""Draining 5,000 waiting events, in batches and one by one: the same consumer, the same effect, the same records."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from typing import Any

from pydantic import BaseModel

from benchmarks.world import World
from deploy.embedded.stack import FETCH_MAX_WAIT_MS
from shared.clock import SystemClock
from shared.contracts.envelope import Actor, EventData
from shared.contracts.events.requests import RequestApproved, RequestRejected, RequestSubmitted
from shared.contracts.topics import REQUESTS
from shared.messaging.event import Event
from shared.messaging.options import KafkaOptions
from shared.messaging.part import Messaging
from shared.messaging.subscription import Handler, Subscription
from shared.store import Decision, Kind, MemoryDocuments, MongoDocuments, Origin, Step, Store
from shared.store.client import close, connect

EVENTS = 5_000
KEYS = 250
BATCH = 200
MOST_SECONDS = 60.0
"""What has not ended by then gives its rate so far: 5,000 events one by one, on a slow machine."""
STEP = Step(origin=Origin(actor=Actor(kind="system", id="bench", role="system"), correlation_id="bench"))


class Said(BaseModel):
    """What is announced, over and over."""

    times: int = 0


class Seen(BaseModel):
    """What the consumer keeps per key."""

    times: int = 0


SAID: Kind[Said] = Kind("said", "request", Said)
SEEN: Kind[Seen] = Kind("seen", "request", Seen)


def _announcement(id_: str) -> RequestRejected:
    return RequestRejected(
        request_id=id_,
        reference="REQ-2026-0000",
        institution_id="ins_bench",
        country="NG",
        title="A sample request for the benchmark",
        language="en",
        reason_code="out_of_scope",
        reason="sample",
    )


async def drain(world: World) -> dict[str, Any]:
    """Events per second in batches of 200 and of 1, with the guarded write of every event and with no effect at all."""
    rows: dict[str, Any] = {"events": EVENTS, "keys": KEYS}
    for effect in ("guarded_write", "no_effect"):
        fast, slow = await _one(world, BATCH, effect), await _one(world, 1, effect)
        rows[effect] = {
            "batch_200_per_second": round(fast),
            "batch_1_per_second": round(slow),
            "ratio": round(fast / slow, 2),
        }
    return rows


async def _one(world: World, batch: int, effect: str) -> float:
    prefix = f"drain{uuid.uuid4().hex[:8]}."
    await _fill(world, prefix)
    client = connect(world.stack.mongodb)
    database = f"bench_{uuid.uuid4().hex[:8]}"
    seen = Store(SEEN, MongoDocuments(client[database]["seen"]), SystemClock())
    done, finished = 0, asyncio.Event()
    first = 0.0

    async def handle(event: Event[Any]) -> None:
        nonlocal done, first
        first = first or time.perf_counter()
        if effect == "guarded_write":
            await seen.change(event.key, event.cause(), lambda s: Decision(Seen(times=(s.times if s else 0) + 1)))
        done += 1
        if done >= EVENTS:
            finished.set()

    messaging = Messaging("bench", _options(world, prefix, batch), MemoryDocuments("parked"), SystemClock())
    models: tuple[type[EventData], ...] = (RequestSubmitted, RequestApproved, RequestRejected)
    handles: dict[type[EventData], Handler] = dict.fromkeys(models, handle)
    messaging.listen(Subscription(concern="drain", topic=REQUESTS, handles=handles))
    try:
        starting = asyncio.create_task(messaging.start())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(MOST_SECONDS):
                await finished.wait()
        taken, drained = time.perf_counter() - first, done
        await starting
        return drained / taken
    finally:
        await messaging.stop()
        await client.drop_database(database)
        await close(client)


def _options(world: World, prefix: str, batch: int) -> KafkaOptions:
    return KafkaOptions(
        addresses=tuple(world.stack.kafka.split(",")),
        client_id="bench",
        session_timeout_ms=6000,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        batch_size=batch,
        topic_prefix=prefix,
    )


async def _fill(world: World, prefix: str) -> None:
    """Put the events on the topic by the relay, as a service would."""
    messaging = Messaging("bench", _options(world, prefix, BATCH), MemoryDocuments("parked"), SystemClock())
    documents = MemoryDocuments("said")
    store = Store(SAID, documents, SystemClock(), on_announced=messaging.relay.nudge)
    messaging.relay.open()
    sweeping = asyncio.create_task(messaging.relay.run())
    try:
        for key in range(KEYS):
            id_ = f"req_{key}"
            said = tuple(_announcement(id_) for _ in range(EVENTS // KEYS))
            await store.change(id_, STEP, lambda _, said=said: Decision(Said(times=len(said)), said))  # type: ignore[misc]
        async with asyncio.timeout(60):
            while (await documents.pending_depth())[0]:  # noqa: ASYNC110 - the outbox has no event to wait for
                await asyncio.sleep(0.05)
    finally:
        sweeping.cancel()
        await messaging.stop()
