"""Does anything on the path grow with cases already done? The same work with 1,000 and 20,000 finished cases stored.

A case is played to its end; everything it left, in every collection, is copied into the store, and the calendars of the
experts are brought to what so many cases leave there. Then requests are submitted, and whole cases played, as before.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import bson

from benchmarks.chain import load
from benchmarks.fielding import STEPS, field
from benchmarks.finished_case import Row, Template, calendars_after, copies, of_case, waits
from benchmarks.world import World, documents
from deploy.demo.interfaces import until
from deploy.services import SERVICES
from services.matching.application.stores import CALENDARS
from services.matching.domain.calendar import Calendar
from shared.clock import SystemClock
from shared.contracts.envelope import Actor
from shared.store import Decision, MongoDocuments, Origin, Step, Store
from shared.store.client import close, connect

FEW, MANY = 1_000, 20_000
RATE, REQUESTS = 4.0, 40
"""Unhurried: a queue would hide what one request costs."""
CASES = 15
GROWS = 1.5
"""From this ratio on something grows. With twenty times the cases an index becomes 1.43 times as deep, and medians of
so few vary by a fifth; whatever reads all that is stored takes many times as long. Default, no public source."""
BULK = 2_000
"""Documents of one insert: the stand-in takes 2,100 a second so, and 1,200 in inserts of 500."""
ONE_IN = {"notifications.deliveries": 8}
"""Of so many copies one leaves these: a case has 64 notices; those of 20,000 would take the stand-in ten minutes."""

Model = dict[str, list[Row]]
"""Collection, as `service.name` -> what one finished case left there."""


async def growth(world: World, write_ms: float) -> dict[str, Any]:
    """Latency and work of every step with few and with many finished cases, and the largest documents each time."""
    await load(world, RATE, 10, write_ms=write_ms)
    model = await _finished_case(world)
    counts = {place: len(rows) for place, rows in model.items()}
    found: dict[str, Any] = {"stored": [FEW, MANY], "documents_per_case": counts, "stored_of_one_in": ONE_IN}
    played = 1
    for name, start, end in (("few", 0, FEW), ("many", FEW, MANY)):
        began = time.monotonic()
        for place, rows in model.items():
            await _seed(world, place, rows, start, end)
        await _seed_calendars(world, model, end)
        seeding = round(time.monotonic() - began, 1)
        done = await load(world, RATE, REQUESTS, write_ms=write_ms)
        cases = await field(world, CASES, first=played, write_ms=write_ms)
        played += CASES
        found[name] = {kept: done[kept] for kept in ("receipt_ms", "indicative_ms", "cpu_ms_per_request", "missing")}
        found[name] |= {kept: cases[kept] for kept in (*STEPS, "cpu_ms_per_case")}
        found[name]["seconds_to_seed"] = seeding
        found[name]["largest_document_bytes"] = await _largest(world, set(model), since=done["began"])
    found["ratio_many_to_few"] = ratios(found["few"], found["many"])
    return {**found, "grows_from": GROWS, "grows": growing(found["ratio_many_to_few"])}


def ratios(few: dict[str, Any], many: dict[str, Any]) -> dict[str, float]:
    """Medians, work and size with many cases as multiples of those with few."""
    found = {
        step.removesuffix("_ms"): many[step]["p50"] / few[step]["p50"]
        for step in ("receipt_ms", "indicative_ms", *STEPS)
    }
    work = [sum(part["cpu_ms_per_request"].values()) for part in (few, many)]
    found["cpu_of_a_request"] = work[1] / work[0]
    found["cpu_of_a_case"] = many["cpu_ms_per_case"] / few["cpu_ms_per_case"]
    before, after = (part["largest_document_bytes"] for part in (few, many))
    found |= {f"document of {place}": after[place] / size for place, size in before.items() if size and place in after}
    return {name: round(ratio, 2) for name, ratio in found.items()}


def growing(found: dict[str, float]) -> list[str]:
    """What is not as it was with few cases."""
    return [name for name, ratio in found.items() if ratio >= GROWS]


async def _finished_case(world: World) -> Model:
    """Everything that one case left of which nothing waits any more."""
    request_id = (await field(world, 1))["requests"][0]

    async def whole() -> Model | None:
        found = of_case(request_id, await _everything(world))
        return found if not waits(row for rows in found.values() for row in rows) else None

    return await until(whole, "a case of which nothing waits", within=90, every=1)


async def _everything(world: World) -> dict[str, list[Row]]:
    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        return {
            f"{service}.{name}": await documents(world, service, name, {})
            for service in SERVICES
            for name in await client[world.stack.databases[service]].list_collection_names()
        }
    finally:
        await close(client)


async def _seed(world: World, place: str, rows: Sequence[Row], start: int, end: int) -> None:
    """Copies as the service would have written them, straight into the store, indexes and all."""
    templates = [Template.of(row) for row in rows]
    service, name = place.split(".")
    one_in = ONE_IN.get(place, 1)
    step = max(1, BULK // len(rows))
    client = connect(world.stack.mongodb, timeout_ms=60_000)
    try:
        collection = client[world.stack.databases[service]][name]
        numbers = range(start + -start % one_in, end, one_in)
        for first in range(0, len(numbers), step):
            await collection.insert_many(list(copies(templates, numbers[first : first + step])), ordered=False)
    finally:
        await close(client)


async def _seed_calendars(world: World, model: Model, cases: int) -> None:
    """What `cases` finished cases leave in the experts' calendars, written as matching writes it."""
    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        kept = MongoDocuments(client[world.stack.databases["matching"]][CALENDARS.name])
        store: Store[Calendar] = Store(CALENDARS, kept, SystemClock())
        before = await store.read_many(sorted(world.office.experts.values()))
        origin = Origin(actor=Actor(kind="system", id="bench", role="system"), correlation_id="bench")
        days = [row["state"]["requirement"]["days_total"] for row in model["matching.positions"]]
        known = {id_: stored.state.model_copy(update={"asked_on": (), "engaged": ()}) for id_, stored in before.items()}
        for id_, after in calendars_after(known, days, cases, datetime.now(UTC).date()).items():
            await store.change(id_, Step(origin=origin), lambda _, after=after: Decision(after))  # type: ignore[misc]
    finally:
        await close(client)


async def _largest(world: World, seeded: set[str], since: float) -> dict[str, int]:
    """Bytes of the largest document per collection; of the seeded ones, among those written since."""
    largest: dict[str, int] = {}
    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        for service in SERVICES:
            for name in await client[world.stack.databases[service]].list_collection_names():
                place = f"{service}.{name}"
                where = {"created_at": {"$gte": int(since * 1000)}} if place in seeded else {}
                rows = await documents(world, service, name, where)
                largest[place] = max((len(bson.encode(row)) for row in rows), default=0)
    finally:
        await close(client)
    return dict(sorted(largest.items(), key=lambda item: -item[1]))
