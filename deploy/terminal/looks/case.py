"""Reading everything about one correlation: records, documents, notices, parked events, how far consumers have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deploy.audit.expectations import GROUPS
from deploy.audit.progress import committed_by
from deploy.audit.reading import headers_of, heard, key_of, published_at, scan
from deploy.terminal.looks.people import WAITING
from deploy.terminal.looks.store import empty
from deploy.terminal.looks.way import Case, Said, event_correlation
from shared.contracts.topics import CALENDARS, TOPICS
from shared.messaging.parked import PARKED

OF_CASE = ("correlation_id", "outbox.headers.correlation_id", "state.holds.correlation_id")
"""Where a document names the case that it, one of its announcements or the days it holds belong to."""
UNREAD = {"answers": 0, "keys": 0}
CALLED = (
    ("registration", "requests", "state.reference"),
    ("registration", "actions", "state.code"),
    ("matching", "positions", "state.offers.offer_id"),
)
"""Where the names lie by which people know a case, such as REQ-2026-0005 and 2026-04, and the ids of what is no
document."""
AT_ONCE = 200
"""Event ids asked for at once."""


async def correlation_of(client: Any, databases: Mapping[str, str], named: str) -> str:
    """The correlation of what has that id, of the request of that reference or of the action of that code; of a parked
    key that of the event that blocks it. What was given where there is none. The id is looked for first."""
    for base in databases.values():
        for name in sorted(await client[base].list_collection_names()):
            found = await client[base][name].find_one({"_id": named}, {"correlation_id": 1, "state.events": 1})
            if found is None:
                continue
            if name == PARKED.name:
                events = found["state"]["events"]
                return (event_correlation(events[0]) if events else None) or named
            if "correlation_id" in found:
                return str(found["correlation_id"])
    for service, name, place in CALLED:
        found = await client[databases[service]][name].find_one({place: named}, {"correlation_id": 1})
        if found is not None and "correlation_id" in found:
            return str(found["correlation_id"])
    return named


async def read_case(kafka: Sequence[str], client: Any, databases: Mapping[str, str], correlation: str) -> Case:
    """All of it. No index helps here: topics and collections are read through once. The client's time bounds a batch,
    not a collection."""
    case = Case(correlation)
    case.said = await scan(list(kafka), tuple(TOPICS), lambda raw: _said(raw, correlation), whole=False)
    topics = {said.topic for said in case.said}
    case.groups = {group: topic for group, topic in GROUPS.items() if topic in topics}
    case.committed = {group: await committed_by(list(kafka), group, topic) for group, topic in case.groups.items()}
    for service, base in databases.items():
        names = sorted(await client[base].list_collection_names())
        if not names:
            case.empty.append(empty(service, base))
        for name in names:
            if name == PARKED.name:
                waiting = client[base][name].find({"keys.waiting": 1})
                case.parked += [lot async for lot in waiting if _is_of(lot, correlation)]
            else:
                place = f"{service}.{name}"
                unread = UNREAD if place in WAITING or place == CALENDARS.name else {**UNREAD, "state": 0}
                of_case = client[base][name].find({"$or": [{field: correlation} for field in OF_CASE]}, unread)
                found = [document async for document in of_case]
                if found and name != "deliveries":
                    case.documents[place] = found
    deliveries = client[databases["notifications"]]["deliveries"]
    ids = sorted({said.event_id for said in case.said})
    for start in range(0, len(ids), AT_ONCE):
        part = {"keys.event_id": {"$in": ids[start : start + AT_ONCE]}}
        read = {"state": 1, "created_at": 1, "updated_at": 1}
        case.deliveries += [found async for found in deliveries.find(part, read)]
    return case


def _is_of(lot: Mapping[str, Any], correlation: str) -> bool:
    return any(event_correlation(event) == correlation for event in lot["state"]["events"])


def _said(raw: Any, correlation: str) -> Said | None:
    if headers_of(raw).get("correlation_id") != correlation:
        return None
    said = heard(raw)
    return Said(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        key=key_of(raw),
        event_id=said.event_id,
        sequence=said.sequence,
        published_at=published_at(raw),
        event=said.event,
        unreadable=said.unreadable,
    )
