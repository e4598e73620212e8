"""Read requests: one, or a list."""

from __future__ import annotations

from services.registration.application.access import Party, find_seen, sees_request
from services.registration.application.listing import Filters, Part, find_part
from services.registration.application.office import Office
from services.registration.domain.request import Request
from shared.store import Page, Stored


async def read_request(office: Office, caller: Party, id_: str) -> Stored[Request]:
    """One request. NotFound where the caller may not see it."""
    return await find_seen(office.stores.requests, id_, lambda s: sees_request(caller, s), "request")


async def list_requests(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Request]:
    """Requests, newest first: all for an officer, the institution's own for everybody else, whatever they filter."""
    if caller.role == "officer":
        return await find_part(office.stores.requests, filters, part)
    if caller.institution_id is None:
        return await find_part(office.stores.requests, {**filters, "created_by": caller.subject}, part)
    if filters.get("institution") not in (None, caller.institution_id):
        return Page((), None)
    return await find_part(office.stores.requests, {**filters, "institution": caller.institution_id}, part)
