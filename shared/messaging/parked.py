"""The parking lot's document: the events of one key that wait for an operator, in order. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, TypeGuard

from pydantic import AwareDatetime, BaseModel, ConfigDict
from pydantic_core import from_json, to_json

from shared.messaging.event import LONGEST_SEQUENCE, sequence_told
from shared.messaging.parked_order import place_among
from shared.messaging.record import Kept, Record, named, shown_name
from shared.store import Kind

HISTORY_KEPT = 20
"""Failed attempts remembered per event, the newest."""

ACTS_KEPT = 1000
"""What operators did, remembered per key: the oldest redrives go first, so that no mend or discard is forgotten."""

UNDER_WAY = timedelta(minutes=2)
"""A redrive without an outcome counts as under way so long; one that died leaves the key alone after it."""

WAITS = "waits behind an earlier event of its key"
MENDED = "mended, and not redriven yet"


What = Literal["redrive", "mend", "discard"]

CameAs = tuple[int, int, str]
"""Partition, offset, and a mark of what was read there: the offsets of a topic that was made anew begin at 0 again."""


class Attempt(BaseModel):
    """One time that handling failed. `error` is for the operator: the exception's name and words."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    reason: str
    error: str


class ParkedEvent(BaseModel):
    """One record that waits. `attempts` counts all, `history` shows the newest; both empty while it only waits.
    `original` is the value it came with, where an operator has mended it."""

    model_config = ConfigDict(frozen=True)

    partition: int
    offset: int
    key: Kept
    headers: tuple[tuple[str, Kept], ...]
    value: Kept | None
    reason: str
    error: str
    parked_at: AwareDatetime
    attempts: int = 0
    history: tuple[Attempt, ...] = ()
    original: Kept | None = None

    @property
    def place(self) -> tuple[int, int]:
        """Partition and offset, as an operator is shown them."""
        return self.partition, self.offset

    @property
    def came_as(self) -> CameAs:
        """What makes parking repeatable; a mend changes nothing about it. The mark is the event's id, or a hash of its
        bytes where no header tells one."""
        mark = self._header("event_id")
        if mark is None:
            kept = (self.key, self.original or self.value, *(value for _, value in self.headers))
            told = json.dumps([None if one is None else (one.text, one.base64) for one in kept])
            mark = hashlib.sha256(told.encode()).hexdigest()
        return self.partition, self.offset, mark

    @property
    def number(self) -> int | None:
        """The event's sequence, where headers or value tell."""
        told = sequence_told(self._header("sequence") or "")
        return self.identity()[1] if told is None else told

    def record(self) -> Record:
        """The raw record again."""
        return Record(
            partition=self.partition,
            offset=self.offset,
            key=self.key.raw(),
            value=None if self.value is None else self.value.raw(),
            headers=tuple((named(name), kept.raw()) for name, kept in self.headers),
        )

    def failed(self, at: datetime, reason: str, error: str, attempts: int) -> ParkedEvent:
        """The same event after handling it failed (again)."""
        history = (*self.history, Attempt(at=at, reason=reason, error=error))[-HISTORY_KEPT:]
        told = {"reason": reason, "error": error, "attempts": self.attempts + attempts, "history": history}
        return self.model_copy(update=told)

    def identity(self) -> tuple[str | None, int | None]:
        """Event id and sequence, from the headers its producer wrote, else from its value. None where neither tells,
        or where the value is about another aggregate than the key."""
        told = self.told()
        about = told.get("aggregate")
        if isinstance(about, dict) and about.get("id") not in (None, self.key.text):
            return None, None
        event_id, sequence = self._header("event_id"), sequence_told(self._header("sequence") or "")
        if event_id and sequence is not None:
            return event_id[:80], sequence
        found, counted = told.get("event_id"), told.get("sequence")
        return (found[:80] if isinstance(found, str) else None, counted if _is_sequence(counted) else None)

    def _header(self, name: str) -> str | None:
        return next((kept.text for known, kept in reversed(self.headers) if known == name), None)

    def told(self) -> dict[str, Any]:
        """The value as the object it is, or an empty one; read as `decode` reads it: what is nested too deep, or holds
        half a surrogate pair, is none."""
        try:
            told = from_json(self.value.text) if self.value is not None and not self.value.base64 else None
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}


class Act(BaseModel):
    """What an operator did about a key and why. `at` is in UTC; the place is that of the event that blocked it then.
    `came_of` is empty until the outcome is known; `stirred` is when a redrive last got on."""

    model_config = ConfigDict(frozen=True)

    id: str
    at: AwareDatetime
    what: What
    who: str
    role: str
    reason: str
    partition: int
    offset: int
    event_id: str | None = None
    sequence: int | None = None
    came_of: str = ""
    stirred: AwareDatetime | None = None


class ParkedKey(BaseModel):
    """All waiting events of one key of one topic for one consumer group. Without events the key is free; what operators
    did about it stays. `discarded` holds the sequences that will never be handled: they leave no gap. Of these, what
    lies on its partition before `lost_before` was decided by this service and lost with its database: it is passed over
    where it comes again (`entente restore`). So are the very records of `gone`, which operators discarded."""

    model_config = ConfigDict(frozen=True)

    group: str
    topic: str
    key: str
    events: tuple[ParkedEvent, ...] = ()
    redriven: int = 0
    acts: tuple[Act, ...] = ()
    discarded: tuple[int, ...] = ()
    lost_before: int = 0
    gone: tuple[CameAs, ...] = ()

    @property
    def size(self) -> int:
        """About the bytes it takes in the database, where a document has 16 MB at most."""
        return len(to_json(self))

    def passes_over(self, event: ParkedEvent) -> bool:
        """Whether it was discarded, or lost with the database: this very record, not one announced since."""
        lost = event.offset < self.lost_before and event.identity()[1] in self.discarded
        return lost or event.came_as in self.gone

    def with_lost(self, sequences: Sequence[int], before: int) -> ParkedKey:
        """With these sequences lost, as far as they lie before that offset."""
        gone = tuple(sequence for sequence in sequences if sequence not in self.discarded)
        told = {"discarded": (*self.discarded, *gone), "lost_before": max(before, self.lost_before)}
        return self.model_copy(update=told)

    def with_more(self, events: Sequence[ParkedEvent]) -> ParkedKey:
        """With those of the events that are neither there nor discarded: each behind all that came before it, by
        sequence where both tell one and by offset otherwise, and before the first that comes after it: on its partition
        by offset, else by sequence, since a key that moves to another partition may leave unread there what comes
        first."""
        all_, known = list(self.events), {*self.gone, *(event.came_as for event in self.events)}
        for event in events:
            if event.came_as not in known:
                all_.insert(place_among(all_, event), event)
        return self.model_copy(update={"events": tuple(all_)}) if len(all_) > len(self.events) else self

    def with_behind(self, events: Sequence[ParkedEvent]) -> ParkedKey:
        """With those of the events, given in their order, that come after the first waiting one or after any of a lower
        sequence. What stands before is a repeat of something handled, and does not have to wait."""
        first = {event.partition: event.offset for event in reversed(self.events)}
        lowest = min((number for event in self.events if (number := event.number) is not None), default=None)
        there = {event.came_as for event in self.events}
        for place, event in enumerate(events):
            number = event.number
            if (
                event.offset > first.get(event.partition, -1)
                or event.came_as in there
                or (lowest is not None and number is not None and number > lowest)
            ):
                return self.with_more(events[place:])
        return self

    def without_first(self, event: ParkedEvent) -> ParkedKey:
        """Without the first event, if that is still this one."""
        if not self.events or self.events[0].came_as != event.came_as:
            return self
        return self.model_copy(update={"events": self.events[1:], "redriven": self.redriven + 1})

    def with_first_failed(self, event: ParkedEvent, at: datetime, reason: str, error: str, attempts: int) -> ParkedKey:
        """With one more failure of the first event, if that is still this one."""
        if not self.events or self.events[0].came_as != event.came_as:
            return self
        first = self.events[0].failed(at, reason, error, attempts)
        return self.model_copy(update={"events": (first, *self.events[1:])})

    def with_act(self, act: Act) -> ParkedKey:
        """With one more act, or with the newer form of one that is there."""
        acts = [*(known for known in self.acts if known.id != act.id), act]
        while len(acts) > ACTS_KEPT:
            acts.remove(next((known for known in acts if known.what == "redrive"), acts[0]))
        return self.model_copy(update={"acts": tuple(sorted(acts, key=lambda known: known.at))})

    def under_way(self, now: datetime) -> Act | None:
        """The redrive that has no outcome yet, if there is one."""
        begun = (act for act in self.acts if act.what == "redrive" and not act.came_of)
        return next((act for act in begun if (act.stirred or act.at) > now - UNDER_WAY), None)

    def with_first_mended(self, value: bytes) -> ParkedKey:
        """With another value of the first event, which stays the same event at the same place; what it was is kept."""
        first, *others = self.events
        told = {"value": Kept.of(value), "original": first.original or first.value, "reason": MENDED, "error": ""}
        return self.model_copy(update={"events": (first.model_copy(update=told), *others)})

    def without_first_ever(self, sequence: int | None) -> ParkedKey:
        """Without the first event, which will never be handled; `sequence` None where it has none."""
        told = () if sequence is None or sequence in self.discarded else (sequence,)
        gone = {"discarded": (*self.discarded, *told), "gone": (*self.gone, self.events[0].came_as)}
        return self.model_copy(update=gone | {"events": self.events[1:]})


def _is_sequence(told: object) -> TypeGuard[int]:
    """Whether it counts as a sequence; a database keeps no more than 64 bits."""
    return type(told) is int and 0 <= told < 10**LONGEST_SEQUENCE


def parked(record: Record, at: datetime) -> ParkedEvent:
    """A record that waits behind another."""
    return ParkedEvent(
        partition=record.partition,
        offset=record.offset,
        key=Kept.of(record.key),
        headers=tuple((shown_name(name), Kept.of(raw or b"")) for name, raw in record.headers),
        value=None if record.value is None else Kept.of(record.value),
        reason=WAITS,
        error="",
        parked_at=at,
    )


PARKED = Kind(
    name="parked",
    aggregate="parked",
    model=ParkedKey,
    keys=lambda lot: {
        "group": lot.group,
        "topic": lot.topic,
        "waiting": 1 if lot.events else 0,
        "restored": 1 if lot.lost_before else 0,
        "discarded": 1 if lot.gone else 0,
    },
)
"""How the lot is stored, in the service's own database. `waiting` 1 where the key has events, `restored` 1 where a
restore has some of them passed over, `discarded` 1 where an operator has."""
