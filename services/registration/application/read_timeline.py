"""Read the timeline of a case."""

from __future__ import annotations

from services.registration.application.access import Party, sees_request
from services.registration.application.office import Office
from services.registration.domain.timeline import Line, seen_by_officer, seen_by_requester
from shared.store import find_seen


async def read_timeline(office: Office, caller: Party, request_id: str) -> tuple[Line, ...]:
    """The lines in order of time; for an institution to the day, and without identities and ranks of experts.

    NotFound for a request the caller may not see.
    """
    await find_seen(office.stores.requests, request_id, lambda s: sees_request(caller, s), "request")
    stored = await office.stores.timelines.read(request_id)
    if stored is None:
        return ()
    return seen_by_officer(stored.state) if caller.role == "officer" else seen_by_requester(stored.state)
