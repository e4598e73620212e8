"""The parking lot as operators see it: one line per key, showing the event that blocks it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.contracts.topics import TOPICS
from shared.messaging.acts import By, Place
from shared.messaging.parked import Act, ParkedEvent, ParkedKey
from shared.messaging.parking import ParkingLot
from shared.store import Stored

HIDDEN = "not shown: records of this topic hold people's data"


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """A key with waiting events. Place, reason and instant are those of the first one, which holds up `waiting`."""

    id: str
    group: str
    topic: str
    partition: int
    offset: int
    key: str
    event_type: str | None
    event_id: str | None
    sequence: int | None
    reason: str
    parked_at: datetime
    waiting: int


@dataclass(frozen=True, slots=True)
class ParkedHappening:
    """Something that happened to the event."""

    at: datetime
    what: str


@dataclass(frozen=True, slots=True)
class ParkedRecord(ParkedLine):
    """The same with the record's value (text, or base64) and every failed attempt that is remembered."""

    payload: str | None
    error: str
    attempts: int
    history: tuple[ParkedHappening, ...]


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """Some lines, the longest parked first, and the cursor for the next ones."""

    items: tuple[ParkedLine, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RedriveReport:
    """How many events were handled, how many are left, and why the first of those failed again."""

    handled: int
    left: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """What an operator did to the event that blocked a key, and how many events are left."""

    act: Act
    left: int


class ParkedForOperators:
    """List, read, mend, discard, redrive. StoreAway and BrokerAway reach the caller, who may repeat the call."""

    def __init__(self, lot: ParkingLot) -> None:
        self._lot = lot

    async def list(self, limit: int, after: str | None) -> ParkedPage:
        """Keys with waiting events; ValueError for a cursor that is none."""
        page = await self._lot.find(limit=limit, after=after)
        return ParkedPage(tuple(ParkedLine(**_line(s.id, s.state)) for s in page.items), page.next)

    async def get(self, id_: str) -> ParkedRecord | None:
        """The event that blocks a key; None where nothing is parked under that id."""
        stored = await self._lot.get(id_)
        if stored is None or not stored.state.events:
            return None
        return _record(stored)

    async def acts(self, id_: str) -> Sequence[Act] | None:
        """What operators did about a key, the oldest first, also when it is free again; None for an unknown id."""
        stored = await self._lot.get(id_)
        return None if stored is None else stored.state.acts

    async def mend(self, id_: str, place: Place, value: str, by: By) -> Done | None:
        """Another value for the event that blocks the key (`Acts.mend`); None for an unknown id."""
        return _done(await self._lot.acts.mend(id_, place, value.encode(), by))

    async def discard(self, id_: str, place: Place, by: By) -> Done | None:
        """The event that blocks the key will never be handled (`Acts.discard`); None for an unknown id."""
        return _done(await self._lot.acts.discard(id_, place, by))

    async def redrive(self, id_: str, by: By) -> RedriveReport | None:
        """Handle the key's events again, in order, until one fails or none is left; None for an unknown id."""
        done = await self._lot.redrive(id_, by)
        if done is None:
            return None
        why = None if done.failure is None else f"{done.failure.reason}; {done.failure.error}".rstrip("; ")
        return RedriveReport(done.handled, done.remaining, why)


def _done(state: ParkedKey | None) -> Done | None:
    return None if state is None else Done(state.acts[-1], len(state.events))


def _line(id_: str, state: ParkedKey) -> dict[str, Any]:
    first = state.events[0]
    return {
        "id": id_,
        "group": state.group,
        "topic": state.topic,
        "partition": first.partition,
        "offset": first.offset,
        "key": state.key,
        "event_type": _type(first),
        **dict(zip(("event_id", "sequence"), first.identity(), strict=True)),
        "reason": first.reason,
        "parked_at": first.parked_at,
        "waiting": len(state.events),
    }


def _record(stored: Stored[ParkedKey]) -> ParkedRecord:
    first = stored.state.events[0]
    topic = TOPICS.get(stored.state.topic)
    payload = None if first.value is None else first.value.text
    if topic is not None and topic.holds_people and payload is not None:
        payload = HIDDEN
    told = tuple(ParkedHappening(a.at, f"{a.reason}; {a.error}".rstrip("; ")) for a in first.history)
    shown: dict[str, Any] = {"payload": payload, "error": first.error, "attempts": first.attempts, "history": told}
    return ParkedRecord(**_line(stored.id, stored.state), **shown)


def _type(event: ParkedEvent) -> str | None:
    if event.value is None or event.value.base64:
        return None
    try:
        found = json.loads(event.value.text)
    except ValueError:
        return None
    name = found.get("type") if isinstance(found, dict) else None
    return name[:80] if isinstance(name, str) else None
