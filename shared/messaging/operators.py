"""The parking lot as operators see it: one line per key, showing the event that blocks it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.contracts.topics import TOPICS
from shared.messaging.acts import By, Place
from shared.messaging.parked import Act, ParkedEvent, ParkedKey
from shared.messaging.parking import ParkingLot
from shared.store import Answer, Command, Outcome, Stored

HIDDEN = "not shown: records of this topic hold people's data"


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """A key with waiting events. Place, reason and instant are those of the first one, which holds up `waiting`.
    `version` is that of the key: acts and parked events change it."""

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
    version: int


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
    """How many events were handled, how many are left, why the first of those failed again, and the key's version."""

    handled: int
    left: int
    reason: str | None
    version: int


class ParkedForOperators:
    """List, read, mend, discard, redrive. StoreAway and BrokerAway reach the caller, who may repeat the call."""

    def __init__(self, lot: ParkingLot) -> None:
        self._lot = lot

    async def list(self, limit: int, after: str | None) -> ParkedPage:
        """Keys with waiting events; ValueError for a cursor that is none."""
        page = await self._lot.find(limit=limit, after=after)
        return ParkedPage(tuple(ParkedLine(**_line(s)) for s in page.items), page.next)

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

    async def mend(self, id_: str, place: Place, value: str, by: By, command: Command) -> Outcome[ParkedKey]:
        """Another value for the event that blocks the key (`Acts.mend`); nothing is stored under an unknown id."""
        return await self._lot.acts.mend(id_, place, value.encode(), by, command)

    async def discard(self, id_: str, place: Place, by: By, command: Command) -> Outcome[ParkedKey]:
        """The event that blocks the key will never be handled (`Acts.discard`); nothing stored for an unknown id."""
        return await self._lot.acts.discard(id_, place, by, command)

    async def redrive(
        self, id_: str, by: By, command: Command, render: Callable[[RedriveReport], Answer]
    ) -> Answer | None:
        """Handle the key's events again, in order, until one fails or none is left; None for an unknown id.

        A repeat under the command's key gets the first answer and handles nothing. One that comes while the first is
        at work, or after it died on the way, goes the same way: each effect is single."""
        if (before := await self._lot.done_before(id_, command)) is not None:
            return before.answer
        done = await self._lot.redrive(id_, by)
        if done is None:
            return None
        why = None if done.failure is None else f"{done.failure.reason}; {done.failure.error}".rstrip("; ")

        def told(stored: Stored[ParkedKey]) -> Answer:
            return render(RedriveReport(done.handled, done.remaining, why, stored.version))

        ended = replace(command, expected_version=None, render=told)
        return (await self._lot.answered(id_, ended)).answer


def _line(stored: Stored[ParkedKey]) -> dict[str, Any]:
    state = stored.state
    first = state.events[0]
    return {
        "id": stored.id,
        "version": stored.version,
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
    return ParkedRecord(**_line(stored), **shown)


def _type(event: ParkedEvent) -> str | None:
    name = event.told().get("type")
    return name[:80] if isinstance(name, str) else None
