"""A record that cannot be read, on the topic of a real request, with one behind it."""

from __future__ import annotations

import json
from typing import Any

from aiokafka import AIOKafkaProducer
from pymongo import MongoClient

from deploy.embedded.stack import Stack
from shared.contracts.topics import REQUESTS
from tests.support.eventually import eventually
from tests.support.load import Load


async def spoil(system: Stack, load: Load) -> tuple[str, str]:
    """A request; behind its last event one that cannot be read, and one more behind that. Its id, and the value the
    spoilt one should have had."""
    await load.submit(1)
    (request,) = load.tally.requests.values()
    document: dict[str, Any] = {}
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        requests = client[system.databases["registration"]]["requests"]

        def published() -> bool:
            document.update(requests.find_one({"_id": request}) or {})
            return bool(document) and not document["pending_since"]

        await eventually(published, within=30, what="the request is published")
    last: int = document["sequences"][REQUESTS.name]
    envelope = {
        "event_id": f"evt_sample_{last + 1}",
        "type": "request.rejected",
        "version": 1,
        "occurred_at": "2030-01-07T09:00:00Z",
        "actor": {"kind": "person", "id": "per_sample", "role": "officer"},
        "aggregate": {"type": "request", "id": request},
        "sequence": last + 1,
        "correlation_id": document["correlation_id"],
        "data": {
            "request_id": request,
            "reference": "REQ-2030-0001",
            "institution_id": document["state"]["institution_id"],
            "country": "KH",
            "title": "Sample request",
            "language": "en",
            "reason_code": "sample",
            "reason": "a sample",
        },
    }
    behind = {**envelope, "event_id": f"evt_sample_{last + 2}", "sequence": last + 2}
    producer = AIOKafkaProducer(bootstrap_servers=system.kafka)
    await producer.start()
    try:
        for said, raw in ((envelope, b'{"spoilt": '), (behind, json.dumps(behind).encode())):
            headers = [("event_id", str(said["event_id"]).encode()), ("sequence", str(said["sequence"]).encode())]
            await producer.send_and_wait(REQUESTS.name, raw, key=request.encode(), headers=headers)
    finally:
        await producer.stop()
    return request, json.dumps(envelope)
