"""What the topics hold beyond a backup, and moving each aggregate's sequence past it. Pure but for the reading."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from deploy.audit.announcements import RESTORED
from deploy.audit.evidence import scan
from shared.contracts.envelope import Actor
from shared.contracts.topics import TOPICS
from shared.store import Origin, Step
from shared.store.writing import blank

Place = tuple[str, str]
"""Topic and id of the aggregate."""


@dataclass(frozen=True, slots=True)
class Since:
    """One event on a topic that the backup knows nothing of."""

    topic: str
    aggregate: str
    sequence: int
    type: str
    at: str
    by: str
    command: bool
    """Somebody asked for it; the rest followed from events and deadlines"""
    correlation: str

    def as_json(self) -> dict[str, Any]:
        """For a script."""
        return asdict(self)


@dataclass(slots=True)
class Beyond:
    """What the topics of a service hold beyond its backup."""

    highest: dict[Place, int] = field(default_factory=dict)
    since: list[Since] = field(default_factory=list)


def known_of(documents: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[Place, int]:
    """The last sequence of each aggregate on each topic, as the backup has it."""
    return {
        (topic, document["_id"]): int(sequence)
        for _, document in documents
        for topic, sequence in document.get("sequences", {}).items()
    }


async def read_beyond(kafka: list[str], service: str, known: Mapping[Place, int]) -> Beyond:
    """Read the topics of the service through, to their ends now."""
    beyond = Beyond()

    def note(raw: Any) -> Since | None:
        said = _said(raw)
        place = (said.topic, said.aggregate)
        beyond.highest[place] = max(said.sequence, beyond.highest.get(place, 0))
        return said if said.sequence > known.get(place, 0) else None

    own = [name for name, topic in TOPICS.items() if topic.producer == service]
    # an event may lie there twice, after a relay that was killed between publishing and noting it
    found = {(s.topic, s.aggregate, s.sequence): s for s in await scan(kafka, own, note, whole=False)}
    beyond.since = sorted(found.values(), key=lambda s: (s.at, s.aggregate, s.sequence))
    return beyond


def moved(document: dict[str, Any], topics: Iterable[str], highest: Mapping[Place, int]) -> dict[str, Any]:
    """The document with its sequences past what its topics hold, and nothing to be announced that lies there already.

    `topics` are those its collection announces on.
    """
    if "sequences" not in document:
        return document
    id_ = document["_id"]
    there = {t: highest[t, id_] for t in {*topics, *document["sequences"]} if (t, id_) in highest}
    ahead = {t: last for t, last in there.items() if last > document["sequences"].get(t, 0)}
    outbox = [entry for entry in document["outbox"] if entry["sequence"] > there.get(entry["topic"], 0)]
    if not ahead and len(outbox) == len(document["outbox"]):
        return document
    return {
        **document,
        "revision": document["revision"] + 1,
        "sequences": {**document["sequences"], **ahead},
        "outbox": outbox,
        "pending": 1 if outbox else 0,
        "pending_since": document["pending_since"] if outbox else 0,
    }


def guards(
    announces: Iterable[tuple[str, str]], known: Iterable[tuple[str, str]], highest: Mapping[Place, int]
) -> dict[str, list[dict[str, Any]]]:
    """Collection -> documents without a state for aggregates that the backup does not know, such as were made since.

    Many ids are derived: such an aggregate may be made again, and must not begin at 1 then. `known` are collection and
    id of every document in the backup. Where several collections announce on one topic and nothing tells whose an
    aggregate was, each gets one: a document without a state is on no list.
    """
    homes: dict[str, set[str]] = defaultdict(set)
    for collection, topic in announces:
        homes[topic].add(collection)
    present, kinds = set[tuple[str, str]](), defaultdict[str, set[str]](set)
    for collection, id_ in known:
        present.add((collection, id_))
        kinds[_prefix(id_)].add(collection)
    wanted: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for (topic, id_), last in highest.items():
        there = homes[topic]
        if any((collection, id_) in present for collection in there):
            continue
        for collection in (there & kinds[_prefix(id_)]) or there:
            wanted[collection, id_][topic] = last
    made: dict[str, list[dict[str, Any]]] = defaultdict(list)
    cause = Step(origin=Origin(actor=Actor(kind="system", id="entente", role="system"), correlation_id=RESTORED))
    for (collection, id_), sequences in sorted(wanted.items()):
        empty = blank(id_, cause, datetime.now(UTC))
        made[collection].append({**empty, "revision": 1, "sequences": sequences})
    return dict(made)


def _prefix(id_: str) -> str:
    return id_.partition("_")[0]


def _said(raw: Any) -> Since:
    headers = {name: value.decode("utf-8", "replace") for name, value in raw.headers}
    event: dict[str, Any] = {}
    try:
        decoded = json.loads(raw.value or b"null")
        event = decoded if isinstance(decoded, dict) else {}
    except ValueError:
        pass  # whoever consumes it parks it; its headers say what it is
    sequence = str(event.get("sequence", headers.get("sequence", "0")))
    actor = event.get("actor") or {}
    said = str(event.get("occurred_at") or datetime.fromtimestamp(raw.timestamp / 1000, UTC).isoformat())
    return Since(
        topic=raw.topic,
        aggregate=(raw.key or b"").decode("utf-8", "replace"),
        sequence=int(sequence) if sequence.isascii() and sequence.isdigit() else 0,
        type=str(event.get("type") or headers.get("type") or ("erased" if raw.value is None else "unreadable")),
        at=said,
        by=f"{actor.get('role', '-')} {actor.get('id', '-')}",
        command=raw.value is None or actor.get("kind") == "person",
        correlation=str(event.get("correlation_id") or headers.get("correlation_id", "")),
    )
