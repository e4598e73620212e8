"""The floors: what one HTTP request, one store write, one hop and one ranking cost by themselves, here and now.

Measured on the running stack, with the clients and settings the services use. A write is one round trip to the store:
one decision inserted with its announcement. What a use case reads before it decides is in no floor: reads that the
chain makes raise its ratio.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from benchmarks.figures import spread
from benchmarks.world import World
from deploy.embedded.stack import FETCH_MAX_WAIT_MS
from services.matching.application.roster import Roster
from services.matching.application.search import search
from services.matching.application.stores import Stores
from services.matching.domain.requirement import LanguageNeed, Requirement
from services.matching.main import policy_from
from services.matching.settings import MatchingSettings
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

TIMES = 200
EVERY = 1 / 20


async def floors(world: World) -> dict[str, Any]:
    """Each floor in milliseconds (n, p50, p99)."""
    return {
        "http_ms": await _http(world),
        "write_ms": await write(world),
        "hop_ms": await _hop(world),
        "ranking_ms": await _ranking(world),
    }


async def _http(world: World) -> dict[str, float]:
    """An empty request: routed, answered, nothing done."""
    url = f"{world.stack.urls['registration']}/health/live"
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        (await world.api._client.get(url)).raise_for_status()
        taken.append((time.perf_counter() - began) * 1000)
    return spread(taken)


def submitted(number: int) -> RequestSubmitted:
    return RequestSubmitted(
        request_id=f"req_bench_{number}",
        reference="REQ-2026-0000",
        institution_id="ins_bench",
        country="NG",
        title="A sample request for the benchmark",
        language="en",
        focal_point_id="con_1",
        signatory_id="con_2",
        themes=("A01",),
        text="word " * 300,
    )


KIND: Kind[RequestSubmitted] = Kind("bench", "request", RequestSubmitted, keys=lambda r: {"country": r.country})


def _step() -> Step:
    return Step(origin=Origin(actor=Actor(kind="system", id="bench", role="system"), correlation_id="bench"))


async def decided(store: Store[RequestSubmitted], said: RequestSubmitted) -> None:
    """One decision written, with its announcement in the outbox, in one round trip: a new document, not looked for."""
    await store.change(said.request_id, _step(), lambda _: Decision(said, (said,)), likely_new=True)


async def write(world: World) -> dict[str, float]:
    """One round trip to the store that writes a decision."""
    client = connect(world.stack.mongodb)
    try:
        documents = MongoDocuments(client[f"bench_{uuid.uuid4().hex[:8]}"]["bench"])
        await documents.ensure_indexes(("country",))
        store = Store(KIND, documents, SystemClock())
        taken = []
        for number in range(TIMES):
            said = submitted(number)
            began = time.perf_counter()
            await decided(store, said)
            taken.append((time.perf_counter() - began) * 1000)
        return spread(taken)
    finally:
        await close(client)


async def _hop(world: World) -> dict[str, float]:
    """From an outbox to a handler: published by the relay, confirmed, consumed. A group of its own, at 20 a second."""
    arrived: dict[str, float] = {}
    prefix = f"bench{uuid.uuid4().hex[:8]}."

    async def handle(event: Event[Any]) -> None:
        arrived[event.key] = time.perf_counter()

    options = KafkaOptions(
        addresses=tuple(world.stack.kafka.split(",")),
        client_id="bench",
        session_timeout_ms=6000,
        fetch_max_wait_ms=FETCH_MAX_WAIT_MS,
        topic_prefix=prefix,
    )
    messaging = Messaging("bench", options, MemoryDocuments("parked"), SystemClock())
    models: tuple[type[EventData], ...] = (RequestSubmitted, RequestApproved, RequestRejected)
    handles: dict[type[EventData], Handler] = dict.fromkeys(models, handle)
    messaging.listen(Subscription(concern="hop", topic=REQUESTS, handles=handles))
    store = Store(KIND, MemoryDocuments("bench"), SystemClock(), on_announced=messaging.relay.nudge)
    await messaging.start()
    try:
        left: dict[str, float] = {}
        for number in range(TIMES + 20):
            said = submitted(number)
            left[said.request_id] = time.perf_counter()
            await decided(store, said)
            await asyncio.sleep(EVERY)
        async with asyncio.timeout(30):
            while len(arrived) < len(left):  # noqa: ASYNC110 - counts many arrivals
                await asyncio.sleep(0.05)
        return spread([(arrived[key] - left[key]) * 1000 for key in list(left)[20:]])
    finally:
        await messaging.stop()


async def _ranking(world: World) -> dict[str, float]:
    """One ranking of the roster as matching knows it: catch up with the store, rank, explain."""
    client = connect(world.stack.mongodb)
    try:
        database = client[world.stack.databases["matching"]]
        stores = Stores.made_by(lambda kind: Store(kind, MongoDocuments(database[kind.name]), SystemClock()))
        roster = Roster(stores, SystemClock())
        settings = MatchingSettings(
            kafka=["127.0.0.1:1"], mongodb="mongodb://127.0.0.1:1", database="bench", issuer="http://127.0.0.1:1"
        )
        today = datetime.now(UTC)
        policy = policy_from(settings)
        wanted = Requirement(
            stage="indicative",
            request_id="req_bench",
            institution_id="ins_bench",
            country="NG",
            themes=("E07", "J05", "D07"),
            languages=(LanguageNeed(language="en", level="C1"),),
            text="Community information strategy and training of facilitators",
        )
        taken = []
        for _ in range(60):
            began = time.perf_counter()
            await search("req_bench", lambda: wanted, roster, policy, today)
            taken.append((time.perf_counter() - began) * 1000)
        return spread(taken[10:])
    finally:
        await close(client)
