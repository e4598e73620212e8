"""Which aggregates of a type a service has announced: read from its documents, each of which counts what it said."""

from __future__ import annotations

from typing import Any

from deploy.terminal.settings import TerminalSettings
from shared.contracts.topics import Topic
from shared.store.client import close, connect

STORE_MS = 10_000


async def announced_on(settings: TerminalSettings, topic: Topic, setup: dict[str, Any]) -> list[str]:
    """The ids, in order, of what still has a state and was ever said on the topic; `setup` is its producer's own word
    on where they are. PyMongoError where the database does not answer."""
    client = connect(settings.mongodb.get_secret_value(), timeout_ms=STORE_MS)
    try:
        database, found = client[settings.databases[topic.producer]], set[str]()
        for name in {row["collection"] for row in setup["announces"] if row["topic"] == topic.name}:
            async for document in database[name].find({"state": {"$ne": None}}, {"sequences": 1}):
                if topic.name in document.get("sequences", {}):
                    found.add(str(document["_id"]))
        return sorted(found)
    finally:
        await close(client)
