"""What the topics of a service hold beyond its backup: what was decided since, and what of it will be decided again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from deploy.audit.reading import scan
from shared.contracts.topics import TOPICS
from shared.store.said import Entry

Place = tuple[str, str]
"""Topic and id of the aggregate."""

SHOWN = ("topic", "aggregate", "sequence", "type", "at", "by", "command", "correlation")


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
    offset: int = 0
    cause: str | None = None
    entry: Entry | None = field(default=None, repr=False)
    """As it stood in the outbox; None for a tombstone and for what cannot be read"""

    @property
    def place(self) -> Place:
        """Topic and aggregate."""
        return self.topic, self.aggregate

    @property
    def event_id(self) -> str | None:
        """Its id, where it can be read."""
        return self.entry["event_id"] if self.entry else None

    def as_json(self, *, again: bool | None = None) -> dict[str, Any]:
        """For a script; `again` tells whether it will be decided again."""
        told = {name: getattr(self, name) for name in SHOWN}
        return told if again is None else {**told, "again": again}


@dataclass(slots=True)
class Beyond:
    """What the topics of a service hold beyond its backup. `lost_with_commands` are the ids of the commands, and of
    what followed from them: nothing brings these back but somebody who asks again."""

    highest: dict[Place, int] = field(default_factory=dict)
    since: list[Since] = field(default_factory=list)
    ends: dict[Place, int] = field(default_factory=dict)
    """behind the last record of the aggregate that the backup knows nothing of"""
    lost_with_commands: frozenset[str] = frozenset()

    def again(self, said: Since) -> bool:
        """Whether it follows once more: from an event that is consumed again, or from a deadline."""
        return not said.command and said.event_id is not None and said.event_id not in self.lost_with_commands

    def said(self) -> dict[Place, list[Entry]]:
        """What goes out as it was when it is decided again. Not on compacted topics: there the newest state counts,
        and it tells nobody anything."""
        found: dict[Place, list[Entry]] = {}
        for one in self.since:
            if one.entry is not None and self.again(one) and TOPICS[one.topic].contiguous:
                found.setdefault(one.place, []).append(one.entry)
        return found

    def lost(self) -> dict[Place, list[int]]:
        """The sequences the backup knows nothing of, by aggregate."""
        found: dict[Place, list[int]] = {}
        for one in self.since:
            found.setdefault(one.place, []).append(one.sequence)
        return {place: sorted(sequences) for place, sequences in found.items()}


async def read_beyond(kafka: list[str], service: str, known: Mapping[Place, int]) -> Beyond:
    """Read the topics of the service through, to their ends now."""
    beyond = Beyond()

    def note(raw: Any) -> Since | None:
        said = _said(raw)
        beyond.highest[said.place] = max(said.sequence, beyond.highest.get(said.place, 0))
        if said.sequence <= known.get(said.place, 0):
            return None
        beyond.ends[said.place] = max(said.offset + 1, beyond.ends.get(said.place, 0))
        return said

    own = [name for name, topic in TOPICS.items() if topic.producer == service]
    # an event may lie there twice, after a relay that was killed between publishing and noting it
    found = {(s.topic, s.aggregate, s.sequence): s for s in await scan(kafka, own, note, whole=False)}
    beyond.since = sorted(found.values(), key=lambda s: (s.at, s.aggregate, s.sequence))
    beyond.lost_with_commands = _with_what_followed(beyond.since)
    return beyond


def _with_what_followed(since: Iterable[Since]) -> frozenset[str]:
    followed: dict[str, list[Since]] = {}
    lost: set[str] = set()
    open_: list[Since] = []
    for one in since:
        if one.command:
            open_.append(one)
        elif one.cause is not None:
            followed.setdefault(one.cause, []).append(one)
    while open_:
        id_ = open_.pop().event_id
        if id_ is not None and id_ not in lost:
            lost.add(id_)
            open_ += followed.get(id_, ())
    return frozenset(lost)


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
    key, number = (raw.key or b"").decode("utf-8", "replace"), int(sequence) if _is_number(sequence) else 0
    return Since(
        topic=raw.topic,
        aggregate=key,
        sequence=number,
        type=str(event.get("type") or headers.get("type") or ("erased" if raw.value is None else "unreadable")),
        at=said,
        by=f"{actor.get('role', '-')} {actor.get('id', '-')}",
        command=raw.value is None or actor.get("kind") == "person",
        correlation=str(event.get("correlation_id") or headers.get("correlation_id", "")),
        offset=raw.offset,
        cause=event.get("causation_id"),
        entry=_entry(raw, headers, event, key, number),
    )


def _entry(raw: Any, headers: dict[str, str], event: dict[str, Any], key: str, sequence: int) -> Entry | None:
    if not isinstance(event.get("data"), dict) or not isinstance(event.get("event_id"), str) or "type" not in event:
        return None
    return {
        "event_id": event["event_id"],
        "topic": raw.topic,
        "key": key,
        "sequence": sequence,
        "value": raw.value.decode(),
        "headers": headers,
        "since": 0,
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
