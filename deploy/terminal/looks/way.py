"""The way of one case, put together from what was read: what happened, in time order, and what each step waited for.
Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from deploy.audit.deliveries import RELEASED, SENT
from deploy.terminal.looks.finding import Finding
from deploy.terminal.looks.people import awaited
from shared.contracts.topics import CALENDARS, POSITIONS, TOPICS
from shared.store.document import from_ms

DONE = (*SENT, RELEASED)
"""States of a notice for which nothing is waited for any more."""

SLOW = timedelta(seconds=1)
"""A decision is on its topic within milliseconds; a second is worth a line of its own."""


@dataclass(frozen=True, slots=True)
class Said:
    """One record of the case as it lies on its topic. `event` None for an erasure, and where it cannot be read:
    `unreadable` is then why its consumers park it."""

    topic: str
    partition: int
    offset: int
    key: str
    event_id: str
    sequence: int
    published_at: datetime
    event: Mapping[str, Any] | None
    unreadable: str = ""


@dataclass(slots=True)
class Case:
    """Everything that was read about one correlation. `committed` is group -> topic, partition -> offset."""

    correlation: str
    said: list[Said] = field(default_factory=list)
    documents: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """`service.collection` -> documents with something of the case, with their state only where they can wait for
    somebody, or hold days. A calendar has something of many cases."""
    deliveries: list[dict[str, Any]] = field(default_factory=list)
    parked: list[dict[str, Any]] = field(default_factory=list)
    groups: Mapping[str, str] = field(default_factory=dict)
    committed: Mapping[str, Mapping[tuple[str, int], int]] = field(default_factory=dict)
    empty: list[Finding] = field(default_factory=list)
    """the databases in which nothing can be of it"""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened, or (`open`) that is waited for since `at`. `waited` is how long it took after what it
    waited for; None for the first one."""

    at: datetime
    service: str
    what: str
    about: str
    waited: timedelta | None
    after: str
    open: bool = False


def way(case: Case, now: datetime) -> list[Step]:
    """Every step in time order, what is still open last."""
    first = _once(case.said)
    steps = [*_decisions(first), *_notices(case, first)]
    steps.sort(key=lambda step: step.at)
    waits = [*_unpublished(case, now), *_unconsumed(case, first, now), *_parked(case, now), *_deadlines(case, now)]
    waits += [*_notices(case, first, unfinished=now), *_people(case, first, now)]
    return steps + sorted(waits, key=lambda step: step.at)


def _once(said: Iterable[Said]) -> list[Said]:
    """Each event once, by its first record, in the order in which they were decided; each that cannot be read."""
    seen: dict[tuple[str, str, int], Said] = {}
    for record in sorted(said, key=lambda r: (r.topic, r.partition, r.offset)):
        place = (record.topic, record.key, record.sequence)
        seen.setdefault((record.topic, f"{record.partition}/", -record.offset) if record.unreadable else place, record)
    return sorted(seen.values(), key=_decided_at)


def _decided_at(said: Said) -> datetime:
    return datetime.fromisoformat(said.event["occurred_at"]) if said.event else said.published_at


def _name(said: Said) -> str:
    if said.event:
        return str(said.event["type"])
    return "a record that cannot be read" if said.unreadable else "erased"


def _by_id(first: Sequence[Said]) -> dict[str, Said]:
    """By the ids of their events; what only its headers tell gives way to what can be read."""
    return {said.event_id: said for said in sorted(first, key=lambda said: said.event is not None)}


def _about(said: Said) -> str:
    return f"{TOPICS[said.topic].aggregate} {said.key}"


def _decisions(first: Sequence[Said]) -> Iterable[Step]:
    """Each event: decided after its cause, and published after it was decided."""
    by_id = _by_id(first)
    last_of: dict[tuple[str, str], Said] = {}
    before: Said | None = None
    for said in first:
        cause, after = _cause(said, by_id, last_of, before)
        at = _decided_at(said)
        waited = None if cause is None else max(timedelta(), at - _decided_at(cause))
        yield Step(at, TOPICS[said.topic].producer, f"{_name(said)} #{said.sequence}", _about(said), waited, after)
        if (lag := said.published_at - at) > SLOW:
            what = f"{_name(said)} #{said.sequence} published"
            yield Step(said.published_at, "kafka", what, _about(said), lag, "outbox")
        last_of[said.topic, said.key] = before = said


def _cause(
    said: Said, by_id: Mapping[str, Said], last_of: Mapping[tuple[str, str], Said], before: Said | None
) -> tuple[Said | None, str]:
    """What came before this event, and what it waited for in words: its cause, or, for what a person or a deadline
    decides, the last event of the same aggregate."""
    event = said.event or {}
    earlier = last_of.get((said.topic, said.key), before)
    causation = str(event.get("causation_id") or "")
    if causation in by_id:
        return by_id[causation], _name(by_id[causation])
    if causation.startswith("deadline:"):
        return earlier, f"the deadline {causation.removeprefix('deadline:')}"
    role = str((event.get("actor") or {}).get("role") or "")
    return earlier, f"the {role}" if role else "somebody"


def _notices(case: Case, first: Sequence[Said], *, unfinished: datetime | None = None) -> Iterable[Step]:
    """Notices of one event by one channel as one step; with `unfinished`, those that are still waited for then. One
    that was released told nobody: it is a step of its own, and says so."""
    by_id = _by_id(first)
    kept: dict[tuple[str, str, str, str], list[dict[str, Any]]] = defaultdict(list)
    for document in case.deliveries:
        state = document["state"]
        if (state["state"] in DONE) is (unfinished is None) and state["event_id"] in by_id:
            kept[state["event_id"], state["type"], state["channel"], state["state"]].append(document)
    for (event_id, type_, channel, state), documents in kept.items():
        event = by_id[event_id]
        told = f"{len(documents)} notice{'s' if len(documents) != 1 else ''} {type_} by {channel}"
        if unfinished is None:
            told += f": {state}" if state == RELEASED else ""
            at = max(_reached_at(document) for document in documents)
            waited = max(timedelta(), at - _decided_at(event))
            yield Step(at, "notifications", told, _about(event), waited, _name(event))
        else:
            at = min(from_ms(document["created_at"]) for document in documents)
            why = next((d["state"].get("failure") for d in documents if d["state"].get("failure")), "")
            yield Step(
                at, "notifications", f"{told}: {state}", _about(event), unfinished - at, why or _name(event), True
            )


def _reached_at(document: Mapping[str, Any]) -> datetime:
    if document["state"]["state"] == RELEASED:
        return from_ms(document["updated_at"])
    sent = document["state"].get("sent_at")
    return datetime.fromisoformat(sent) if sent else from_ms(document["created_at"])


def _unpublished(case: Case, now: datetime) -> Iterable[Step]:
    for place, documents in case.documents.items():
        for document in documents:
            for entry in document.get("outbox", ()):
                if entry["headers"].get("correlation_id") != case.correlation:
                    continue
                at, what = from_ms(entry["since"]), entry["headers"].get("type", "tombstone")
                about = f"{TOPICS[entry['topic']].aggregate} {entry['key']}"
                service = place.partition(".")[0]
                yield Step(at, service, f"{what} #{entry['sequence']} not published", about, now - at, "Kafka", True)


def _unconsumed(case: Case, first: Sequence[Said], now: datetime) -> Iterable[Step]:
    for group, topic in case.groups.items():
        done = case.committed.get(group, {})
        for said in first:
            if said.topic == topic and said.offset >= done.get((topic, said.partition), 0):
                what = f"{_name(said)} #{said.sequence} not consumed"
                at = said.published_at
                yield Step(at, group.partition(".")[0], what, _about(said), now - at, group, True)


def _parked(case: Case, now: datetime) -> Iterable[Step]:
    for lot in case.parked:
        for event in lot["state"]["events"]:
            if event_correlation(event) == case.correlation:
                at = datetime.fromisoformat(event["parked_at"])
                service = lot["state"]["group"].partition(".")[0]
                what = f"parked: {event['reason']}"
                yield Step(at, service, what, f"parked {lot['_id']}", now - at, "an operator", True)


def _people(case: Case, first: Sequence[Said], now: datetime) -> Iterable[Step]:
    last = {(said.topic, said.key): said.event.get("data", {}) for said in first if said.event}
    for place, documents in case.documents.items():
        for document in documents:
            for one in awaited(place, document, last.get((place, document["_id"]), {})):
                service, about = place.partition(".")[0], f"{TOPICS[place].aggregate} {document['_id']}"
                yield Step(one.since, service, one.what, about, now - one.since, one.whom, True)


def numbered(case: Case) -> dict[str, str]:
    """What people call the positions of the case: `about` of their steps -> position 1, position 2."""
    positions = case.documents.get(POSITIONS.name, ())
    kind = POSITIONS.aggregate
    return {f"{kind} {d['_id']}": f"{kind} {d['state']['number']}" for d in positions if d.get("state")}


def _deadlines(case: Case, now: datetime) -> Iterable[Step]:
    """What wakes by itself later: the wait is how long it still takes, or how late it is."""
    for place, documents in case.documents.items():
        service, _, collection = place.partition(".")
        kind = TOPICS[place].aggregate if place in TOPICS else collection
        for document in documents:
            for name, due in _due(place, document, case.correlation):
                word = "is late since" if due < now else "comes at"
                what = f"deadline {name} {word} {due:%Y-%m-%d %H:%M:%S}"
                at = from_ms(document["updated_at"])
                yield Step(at, service, what, f"{kind} {document['_id']}", now - at, "time", True)


def _due(place: str, document: Mapping[str, Any], correlation: str) -> Iterable[tuple[str, datetime]]:
    """The deadlines of the case, by name. A calendar wakes for the first of its holds; each is of the case that asked,
    and an early one, which does not say, of the calendar's own."""
    own = document["correlation_id"]
    if place == CALENDARS.name:
        for hold in (document["state"] or {}).get("holds", ()):
            if hold["state"] == "offered" and (hold.get("correlation_id") or own) == correlation:
                yield f"hold:{hold['offer_id']}", datetime.fromisoformat(hold["expires_at"])
    elif own == correlation:
        yield from ((name, from_ms(ms)) for name, ms in document.get("deadlines", {}).items())


def event_correlation(event: Mapping[str, Any]) -> str | None:
    """The correlation a parked event carries in its headers: the last one, as consumers read it; None for bytes."""
    headers = reversed(event["headers"])
    return next((str(it["text"]) for name, it in headers if name == "correlation_id" and not it.get("base64")), None)
