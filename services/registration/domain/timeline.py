"""The timeline of a case: what happened, in sentences; the requester's side hides who was asked and in which order.

To the minute it would hide little: an offer that lapses does so exactly when its time to answer is over, and an event's
id tells its place in the case, with the steps between that a requester does not read of.
"""

from __future__ import annotations

from datetime import datetime

from services.registration.domain.values import Kept
from shared.days import to_the_day


class Told(Kept):
    """A line as the requester reads it."""

    code: str
    sentence: str
    actor_role: str


class Line(Told):
    """A line as it is read. `event_id` None: it is not told."""

    at: datetime
    event_id: str | None = None


class Entry(Kept):
    """One line. `for_requester` None: the line is for officers only."""

    at: datetime
    sequence: int
    code: str
    sentence: str
    actor_role: str
    event_id: str
    for_requester: Told | None = None


class Timeline(Kept):
    """All lines of one case; its id is the request's."""

    request_id: str
    entries: tuple[Entry, ...] = ()


def told(timeline: Timeline | None, request_id: str, entry: Entry) -> Timeline:
    """The timeline with one more line, in order of time and, within one instant, of the aggregate's own sequence."""
    timeline = timeline or Timeline(request_id=request_id)
    entries = sorted((*timeline.entries, entry), key=lambda line: (line.at, line.sequence, line.event_id))
    return timeline.model_copy(update={"entries": tuple(entries)})


def seen_by_officer(timeline: Timeline) -> tuple[Line, ...]:
    """Every line, whole."""
    return tuple(
        Line(at=e.at, code=e.code, sentence=e.sentence, actor_role=e.actor_role, event_id=e.event_id)
        for e in timeline.entries
    )


def seen_by_requester(timeline: Timeline) -> tuple[Line, ...]:
    """The lines a requester may read, in the requester's wording; of their instants the day (`to_the_day`)."""
    return tuple(
        Line(at=to_the_day(e.at), **dict(e.for_requester)) for e in timeline.entries if e.for_requester is not None
    )
