"""Does anything on the path grow with cases already done? The same load with 1,000 and with 20,000 stored requests."""

from __future__ import annotations

import copy
from typing import Any

from benchmarks.chain import load
from benchmarks.world import SERVICES, World
from shared.store.client import close, connect

FEW, MANY = 1_000, 20_000
BULK = 500
COPIED = (
    ("registration", "requests"),
    ("registration", "timelines"),
    ("registration", "actions"),
    ("matching", "searches"),
    ("notifications", "cases"),
    ("notifications", "deliveries"),
)
"""What a submitted request leaves in the collections that the path of a new one reads or writes."""


async def growth(world: World, rate: float, requests: int, write_ms: float) -> dict[str, Any]:
    """Latency of the whole chain with few and with many stored cases, and the largest document of each database."""
    await load(world, rate, 10)  # finished cases to copy
    await _seed(world, FEW, 0)
    few = await load(world, rate, requests, write_ms=write_ms)
    await _seed(world, MANY, FEW)
    many = await load(world, rate, requests, write_ms=write_ms)
    return {
        "stored": [FEW, MANY],
        "few": {"receipt_ms": few["receipt_ms"], "indicative_ms": few["indicative_ms"]},
        "many": {"receipt_ms": many["receipt_ms"], "indicative_ms": many["indicative_ms"]},
        "ratio": {
            "receipt": round(many["receipt_ms"]["p50"] / few["receipt_ms"]["p50"], 2),
            "indicative": round(many["indicative_ms"]["p50"] / few["indicative_ms"]["p50"], 2),
        },
        "largest_document_bytes": await _largest(world),
    }


async def _seed(world: World, upto: int, already: int) -> None:
    """Copies of a finished case, straight into the stores: ids differ, nothing waits to be announced."""
    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        for service, name in COPIED:
            collection = client[world.stack.databases[service]][name]
            found = await collection.find({"pending": 0}).limit(1).to_list(None)
            if not found:
                raise LookupError(f"{service}.{name} holds nothing to copy")
            model = found[0]
            for start in range(already, upto, BULK):
                await collection.insert_many([_copy(model, n) for n in range(start, min(start + BULK, upto))])
    finally:
        await close(client)


def _copy(model: dict[str, Any], number: int) -> dict[str, Any]:
    made = copy.deepcopy(model)
    made["_id"] = made["id"] = f"{model['_id'][:4]}seeded{number:06d}"
    made["keys"] = {name: _other(value, number) for name, value in model["keys"].items()}
    made["created_at"] = model["created_at"] - 1_000_000 - number
    made["updated_at"] = made["created_at"]
    return made


def _other(value: Any, number: int) -> Any:
    """Ids among the keys become others, so that no index holds one value twenty thousand times."""
    is_id = isinstance(value, str) and "_" in value and len(value) > 30
    return f"{value[:4]}seeded{number:06d}" if is_id else value


async def _largest(world: World) -> dict[str, int]:
    import bson

    client = connect(world.stack.mongodb, timeout_ms=30_000)
    try:
        largest: dict[str, int] = {}
        for service in SERVICES:
            database = client[world.stack.databases[service]]
            for name in await database.list_collection_names():
                documents = await database[name].find({}).to_list(None)
                if documents:
                    largest[f"{service}.{name}"] = max(len(bson.encode(d)) for d in documents)
        return dict(sorted(largest.items(), key=lambda item: -item[1])[:8])
    finally:
        await close(client)
