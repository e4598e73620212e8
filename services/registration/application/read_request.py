"""Read one request."""

from __future__ import annotations

from services.registration.application.access import Party, sees_request
from services.registration.application.office import Office
from services.registration.domain.request import Request
from shared.store import Stored, find_seen


async def read_request(office: Office, caller: Party, id_: str) -> Stored[Request]:
    """One request. NotFound where the caller may not see it."""
    return await find_seen(office.stores.requests, id_, lambda s: sees_request(caller, s), "request")
