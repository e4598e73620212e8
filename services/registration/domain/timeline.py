"""The timeline of a case: what happened, in sentences; the requester's side hides who was asked and in which order."""

from __future__ import annotations

from datetime import datetime

from services.registration.domain.values import Kept


class Told(Kept):
    """A line as the requester reads it."""

    code: str
    sentence: str
    actor_role: str


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


def seen_by_requester(timeline: Timeline) -> tuple[Entry, ...]:
    """The lines a requester may read, in the requester's wording."""
    return tuple(
        line.model_copy(update={**dict(line.for_requester), "for_requester": None})
        for line in timeline.entries
        if line.for_requester is not None
    )
