"""List requests."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.office import Office
from services.registration.domain.request import Request
from shared.store import Filters, Page, Part, find_part


async def list_requests(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Request]:
    """Requests, newest first: all for an officer, the institution's own for everybody else, whatever they filter."""
    if caller.role == "officer":
        return await find_part(office.stores.requests, filters, part)
    if caller.institution_id is None:
        return await find_part(office.stores.requests, {**filters, "created_by": caller.subject}, part)
    if filters.get("institution") not in (None, caller.institution_id):
        return Page((), None)
    return await find_part(office.stores.requests, {**filters, "institution": caller.institution_id}, part)
