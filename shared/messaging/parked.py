"""The parking lot's document: the events of one key that wait for an operator, in order. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.messaging.record import Kept, Record
from shared.store import Kind

HISTORY_KEPT = 20
"""Failed attempts remembered per event, the newest."""

WAITS = "waits behind an earlier event of its key"


class Attempt(BaseModel):
    """One time that handling failed. `error` is for the operator: the exception's name and words."""

    model_config = ConfigDict(frozen=True)

    at: AwareDatetime
    reason: str
    error: str


class ParkedEvent(BaseModel):
    """One record that waits. `attempts` counts all, `history` shows the newest; both empty while it only waits."""

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

    @property
    def place(self) -> tuple[int, int]:
        """Partition and offset: what makes parking repeatable."""
        return self.partition, self.offset

    def record(self) -> Record:
        """The raw record again."""
        return Record(
            partition=self.partition,
            offset=self.offset,
            key=self.key.raw(),
            value=None if self.value is None else self.value.raw(),
            headers=tuple((name, kept.raw()) for name, kept in self.headers),
        )

    def failed(self, at: datetime, reason: str, error: str, attempts: int) -> ParkedEvent:
        """The same event after handling it failed (again)."""
        history = (*self.history, Attempt(at=at, reason=reason, error=error))[-HISTORY_KEPT:]
        told = {"reason": reason, "error": error, "attempts": self.attempts + attempts, "history": history}
        return self.model_copy(update=told)


class ParkedKey(BaseModel):
    """All waiting events of one key of one topic for one consumer group. Without events the key is free."""

    model_config = ConfigDict(frozen=True)

    group: str
    topic: str
    key: str
    events: tuple[ParkedEvent, ...] = ()
    redriven: int = 0

    def with_more(self, events: Sequence[ParkedEvent]) -> ParkedKey:
        """With those of the events that are not there yet, each before the ones after it on its partition, otherwise
        at the end."""
        all_, there = list(self.events), {event.place for event in self.events}
        for event in events:
            if event.place not in there:
                later = (n for n, e in enumerate(all_) if e.partition == event.partition and e.offset > event.offset)
                all_.insert(next(later, len(all_)), event)
        return self.model_copy(update={"events": tuple(all_)}) if len(all_) > len(self.events) else self

    def with_behind(self, events: Sequence[ParkedEvent]) -> ParkedKey:
        """With those of the events that come after the first waiting one. What stands before it on its partition is
        a repeat of something handled, and does not have to wait."""
        first = {event.partition: event.offset for event in reversed(self.events)}
        return self.with_more([event for event in events if event.offset > first.get(event.partition, -1)])

    def without_first(self, place: tuple[int, int]) -> ParkedKey:
        """Without the first event, if that is still the one at `place`."""
        if not self.events or self.events[0].place != place:
            return self
        return self.model_copy(update={"events": self.events[1:], "redriven": self.redriven + 1})

    def with_first_failed(
        self, place: tuple[int, int], at: datetime, reason: str, error: str, attempts: int
    ) -> ParkedKey:
        """With one more failure of the first event, if that is still the one at `place`."""
        if not self.events or self.events[0].place != place:
            return self
        first = self.events[0].failed(at, reason, error, attempts)
        return self.model_copy(update={"events": (first, *self.events[1:])})


def parked(record: Record, at: datetime) -> ParkedEvent:
    """A record that waits behind another."""
    return ParkedEvent(
        partition=record.partition,
        offset=record.offset,
        key=Kept.of(record.key),
        headers=tuple((name, Kept.of(raw or b"")) for name, raw in record.headers),
        value=None if record.value is None else Kept.of(record.value),
        reason=WAITS,
        error="",
        parked_at=at,
    )


PARKED = Kind(
    name="parked",
    aggregate="parked",
    model=ParkedKey,
    keys=lambda lot: {"group": lot.group, "topic": lot.topic, "waiting": 1 if lot.events else 0},
)
"""How the lot is stored, in the service's own database. `waiting` 1 where the key has events."""
