"""Does anything on the path grow with cases already done? The same load with 1,000 and with 20,000 stored requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import bson

from benchmarks.chain import load
from benchmarks.world import SERVICES, World, documents
from deploy.demo.interfaces import until
from shared.store.client import close, connect

FEW, MANY = 1_000, 20_000
RATE, REQUESTS = 4.0, 40
"""Unhurried: a queue would hide what one request costs."""
BULK = 500
LEFT = (
    ("registration", "requests", "_id"),
    ("registration", "timelines", "_id"),
    ("matching", "searches", "_id"),
    ("notifications", "cases", "_id"),
    ("notifications", "deliveries", "state.case_id"),
)
"""What a submitted request leaves behind: where, and which field there names it."""

Model = tuple[str, str, str, list[dict[str, Any]]]
"""Service, collection, id of the case that is copied, its documents there."""


async def growth(world: World, write_ms: float) -> dict[str, Any]:
    """Latency of the whole chain with few and with many stored cases, and the largest documents each time."""
    await load(world, RATE, 10, write_ms=write_ms)
    models = await _finished_case(world)
    found: dict[str, Any] = {"stored": [FEW, MANY], "documents_per_request": sum(len(rows) for *_, rows in models)}
    for name, start, end in (("few", 0, FEW), ("many", FEW, MANY)):
        for model in models:
            await _seed(world, model, start, end)
        done = await load(world, RATE, REQUESTS, write_ms=write_ms)
        found[name] = {kept: done[kept] for kept in ("receipt_ms", "indicative_ms", "cpu_ms_per_request", "missing")}
        found[name]["largest_document_bytes"] = await _largest(world, since=done["began"])
    return {**found, "ratio_many_to_few": _ratios(found["few"], found["many"])}


def _ratios(few: dict[str, Any], many: dict[str, Any]) -> dict[str, float]:
    cpu = [sum(part["cpu_ms_per_request"].values()) for part in (few, many)]
    return {
        "receipt": round(many["receipt_ms"]["p50"] / few["receipt_ms"]["p50"], 2),
        "indicative": round(many["indicative_ms"]["p50"] / few["indicative_ms"]["p50"], 2),
        "cpu": round(cpu[1] / cpu[0], 2),
    }


async def _finished_case(world: World) -> list[Model]:
    """Every document of one case of which nothing waits any more."""
    searches = await documents(world, "matching", "searches", {}, limit=1)
    case = str(searches[0]["_id"])

    async def whole() -> list[Model] | None:
        found: list[Model] = []
        for service, name, field in LEFT:
            rows = await documents(world, service, name, {field: case})
            if not rows or any(row["pending"] or row["next_deadline"] for row in rows):
                return None
            found.append((service, name, case, rows))
        return found

    return await until(whole, "a case of which nothing waits", within=60, every=0.5)


async def _seed(world: World, model: Model, start: int, end: int) -> None:
    """Copies as the service would have written them, straight into the store, indexes and all."""
    service, name, case, rows = model
    client = connect(world.stack.mongodb, timeout_ms=60_000)
    try:
        collection = client[world.stack.databases[service]][name]
        for first in range(start, end, max(1, BULK // len(rows))):
            numbers = range(first, min(end, first + max(1, BULK // len(rows))))
            await collection.insert_many([copy for n in numbers for copy in _copies(case, rows, n)], ordered=False)
    finally:
        await close(client)


def _copies(case: str, rows: list[dict[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    """The documents of another case: ids differ wherever they stand, instants lie further back."""
    for place, row in enumerate(rows):
        text = json.dumps(row)
        if row["_id"] != case:
            text = text.replace(row["_id"], f"{row['_id'][:4]}{number:028x}{place:04x}")
        if event := row["keys"].get("event_id"):
            text = text.replace(event, f"evt_{number:032x}")
        made: dict[str, Any] = json.loads(text.replace(case, f"req_{number:032x}"))
        made["created_at"] = made["updated_at"] = row["created_at"] - 1_000_000 - number
        yield made


async def _largest(world: World, since: float) -> dict[str, int]:
    """Bytes of the largest document per collection; of the seeded ones, among those of the load just run."""
    seeded = {(service, name) for service, name, _ in LEFT}
    largest: dict[str, int] = {}
    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        for service in SERVICES:
            for name in await client[world.stack.databases[service]].list_collection_names():
                where = {"created_at": {"$gte": int(since * 1000)}} if (service, name) in seeded else {}
                rows = await documents(world, service, name, where)
                largest[f"{service}.{name}"] = max((len(bson.encode(row)) for row in rows), default=0)
    finally:
        await close(client)
    return dict(sorted(largest.items(), key=lambda item: -item[1])[:8])
