"""What waits in the databases: announcements to be published, deadlines to be fired, events parked for an operator."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deploy.terminal.looks.finding import Finding
from deploy.terminal.looks.store import empty
from shared.messaging.parked import PARKED
from shared.store.document import from_ms, to_ms

LATE = timedelta(minutes=1)
"""A deadline is looked for once a second and followed up after 10 s; a minute is late (`deadlines_late`)."""

MOST = 10_000
"""Counted no further, per collection."""


@dataclass(frozen=True, slots=True)
class Outbox:
    """Documents of a collection with announcements that Kafka has not confirmed."""

    service: str
    collection: str
    documents: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Late:
    """Documents of a collection whose deadline is more than a minute overdue."""

    service: str
    collection: str
    documents: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Parked:
    """What a group has set aside on its topic."""

    service: str
    group: str
    topic: str
    keys: int
    events: int
    oldest: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything that waits in the databases of the services; `empty` are those in which nothing can."""

    outboxes: list[Outbox]
    late: list[Late]
    parked: list[Parked]
    empty: list[Finding] = field(default_factory=list)


async def waiting(client: Any, databases: Mapping[str, str], now: datetime) -> Waiting:
    """Read it. PyMongoError where a database does not answer."""
    found = Waiting([], [], [])
    for service, base in databases.items():
        database = client[base]
        names = sorted(await database.list_collection_names())
        if not names:
            found.empty.append(empty(service, base))
        for name in names:
            overdue = {"$lt": to_ms(now - LATE), "$gt": 0}
            if unsaid := await _values(database[name], "pending_since", {"$gt": 0}):
                found.outboxes.append(Outbox(service, name, len(unsaid), from_ms(unsaid[0])))
            if late := await _values(database[name], "next_deadline", overdue):
                found.late.append(Late(service, name, len(late), from_ms(late[0])))
        found.parked.extend(await _parked(database[PARKED.name], service))
    return found


async def _values(collection: Any, field: str, among: Mapping[str, int]) -> list[int]:
    rows = await collection.find({field: among}, {field: 1}).sort([(field, 1)]).limit(MOST).to_list(None)
    return [row[field] for row in rows]


async def _parked(collection: Any, service: str) -> list[Parked]:
    fields = {"state": 1}  # the stand-in leaves out fields of what stands in a list
    kept: dict[tuple[str, str], list[list[datetime]]] = defaultdict(list)
    for row in await collection.find({"keys.waiting": 1}, fields).limit(MOST).to_list(None):
        state = row["state"]
        since = [datetime.fromisoformat(event["parked_at"]) for event in state["events"]]
        kept[state["group"], state["topic"]].append(since)
    return [
        Parked(service, group, topic, len(keys), sum(map(len, keys)), min(min(since) for since in keys))
        for (group, topic), keys in sorted(kept.items())
    ]
