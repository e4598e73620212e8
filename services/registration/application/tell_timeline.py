"""Write what happened into the timeline of its case."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.application.phrase_event import phrase_event
from services.registration.domain.timeline import Timeline, told
from shared.contracts.envelope import Envelope, EventData
from shared.contracts.events.requests import RequestSubmitted
from shared.store import Decision, Happened


async def tell_timeline(office: Office, request_id: str, data: EventData, envelope: Envelope, cause: Happened) -> None:
    """Adds a line, or notes that the event has come where nobody needs to be told of it."""
    entry = phrase_event(data, envelope)

    def decide(state: Timeline | None) -> Decision[Timeline]:
        return Decision(state if entry is None else told(state, request_id, entry))

    first = isinstance(data, RequestSubmitted)
    await office.stores.timelines.change(request_id, cause, decide, likely_new=first)
