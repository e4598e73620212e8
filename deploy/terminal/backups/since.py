"""What the topics of a service hold beyond its backup: what was decided since, and what of it will be decided again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from deploy.audit.reading import Heard, headers_of, heard, key_of, located, published_at, scan
from shared.contracts.envelope import AggregateRef, Published
from shared.contracts.topics import TOPICS
from shared.ids import derived_id
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
    """Somebody asked for it, or it cannot be said again as it was; the rest followed from events and deadlines"""
    correlation: str
    offset: int = 0
    cause: str | None = None
    event_id: str | None = None
    """None for a tombstone"""
    entry: Entry | None = field(default=None, repr=False)
    """As it stood in the outbox; None for a tombstone, and for what cannot be read here"""

    @property
    def place(self) -> Place:
        """Topic and aggregate."""
        return self.topic, self.aggregate

    def as_json(self, *, again: bool | None = None) -> dict[str, Any]:
        """For a script; `again` tells whether it will be decided again."""
        told = {name: getattr(self, name) for name in SHOWN}
        return told if again is None else {**told, "again": again}


@dataclass(slots=True)
class Beyond:
    """What the topics of a service hold beyond its backup. `lost_with_commands` are the ids of the commands, and of
    what followed from them: nothing brings these back but somebody who asks again. `unreadable` are the records that
    their consumers park, by their places, older ones too, each with what its number counts for: nothing, unless this
    service wrote it, as `written` tells."""

    highest: dict[Place, int] = field(default_factory=dict)
    since: list[Since] = field(default_factory=list)
    ends: dict[Place, int] = field(default_factory=dict)
    """behind the last record of the aggregate that the backup knows nothing of"""
    lost_with_commands: frozenset[str] = frozenset()
    unreadable: list[str] = field(default_factory=list)

    def again(self, said: Since) -> bool:
        """Whether it follows once more: from an event that is consumed again, or from a deadline."""
        return not said.command and said.entry is not None and said.event_id not in self.lost_with_commands

    def said(self) -> dict[Place, list[Entry]]:
        """What goes out as it was when it is decided again. Not on compacted topics: there the newest state counts,
        and it tells nobody anything."""
        found: dict[Place, list[Entry]] = {}
        for one in self.since:
            if one.entry is not None and self.again(one) and TOPICS[one.topic].contiguous:
                found.setdefault(one.place, []).append(one.entry)
        return found

    def cases(self) -> dict[Place, str]:
        """The correlation each aggregate began with here, where a record tells it; as much of it as an event takes."""
        found: dict[Place, str] = {}
        for one in self.since:
            if one.correlation:
                found.setdefault(one.place, one.correlation[:80])
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
    refused: list[tuple[str, Since | None]] = []

    def note(raw: Any) -> Since | None:
        told = heard(raw)
        if told.unreadable:
            refused.append((located(raw.topic, raw.partition, raw.offset, told.unreadable), written(raw, told)))
            return None
        said = _said(raw, told)
        beyond.highest[said.place] = max(said.sequence, beyond.highest.get(said.place, 0))
        if said.sequence <= known.get(said.place, 0):
            return None
        beyond.ends[said.place] = max(said.offset + 1, beyond.ends.get(said.place, 0))
        return said

    own = [name for name, topic in TOPICS.items() if topic.producer == service]
    # an event may lie there twice, after a relay that was killed between publishing and noting it
    found = {(s.topic, s.aggregate, s.sequence): s for s in await scan(kafka, own, note, whole=False)}
    for where, said in sorted(refused, key=lambda one: one[1].sequence if one[1] else 0):
        counts = said is not None and _counted(said, beyond, known)
        if said is not None and counts and said.sequence > known.get(said.place, 0):
            found.setdefault((said.topic, said.aggregate, said.sequence), said)
        what = f"counts as #{said.sequence} of {said.aggregate}" if said is not None and counts else "moves nothing"
        beyond.unreadable.append(f"{where}; {what}")
    beyond.since = sorted(found.values(), key=lambda s: (s.at, s.aggregate, s.sequence))
    beyond.lost_with_commands = _with_what_followed(beyond.since)
    return beyond


class _Written(Published):
    """What of an envelope is in every release."""

    event_id: str
    type: str
    sequence: int
    aggregate: AggregateRef
    actor: Any = None


def written(raw: Any, told: Heard) -> Since | None:
    """What this service wrote in a release that could say more, or said it otherwise: none of its records, nor what
    follows them, may be numbered anew. None for a stranger's, whose number means nothing: its id is derived from
    another place, or header and value disagree."""
    key = key_of(raw)
    if told.sequence < 1 or told.event_id != derived_id("evt", raw.topic, key, str(told.sequence)):
        return None
    try:
        said = _Written.model_validate_json(raw.value or b"")
    except ValidationError:
        return None
    if (said.event_id, said.sequence, said.aggregate.id) != (told.event_id, told.sequence, key):
        return None
    actor = said.actor if isinstance(said.actor, dict) else {}
    return Since(
        topic=raw.topic,
        aggregate=key,
        sequence=said.sequence,
        type=said.type,
        at=published_at(raw).isoformat(),
        by=_by(actor),
        command=True,
        correlation=told.correlation_id,
        offset=raw.offset,
        event_id=said.event_id,
    )


def _counted(said: Since, beyond: Beyond, known: Mapping[Place, int]) -> bool:
    """Whether it follows what is known of its aggregate without a jump, where its topic has none; then it is known."""
    last = max(beyond.highest.get(said.place, 0), known.get(said.place, 0))
    if TOPICS[said.topic].contiguous and said.sequence > last + 1:
        return False
    beyond.highest[said.place] = max(said.sequence, beyond.highest.get(said.place, 0))
    if said.sequence > known.get(said.place, 0):
        beyond.ends[said.place] = max(said.offset + 1, beyond.ends.get(said.place, 0))
    return True


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


def _said(raw: Any, said: Heard) -> Since:
    event: dict[str, Any] = said.event or {}
    return Since(
        topic=raw.topic,
        aggregate=key_of(raw),
        sequence=said.sequence,
        type=event.get("type", "erased"),
        at=event.get("occurred_at") or published_at(raw).isoformat(),
        by=_by(event.get("actor", {})),
        command=said.event is None or event["actor"]["kind"] == "person",
        correlation=said.correlation_id,
        offset=raw.offset,
        cause=event.get("causation_id"),
        event_id=None if said.event is None else said.event_id,
        entry=None if said.event is None else _entry(raw, said),
    )


def _by(actor: Mapping[str, Any]) -> str:
    return f"{actor.get('role', '-')} {actor.get('id', '-')}"


def _entry(raw: Any, said: Heard) -> Entry:
    headers = headers_of(raw)
    return {
        "event_id": said.event_id,
        "topic": raw.topic,
        "key": key_of(raw),
        "sequence": said.sequence,
        "value": raw.value.decode(),
        "headers": {name: headers[name] for name in headers if "\0" not in name},  # no field of a document has that
        "since": 0,
    }
