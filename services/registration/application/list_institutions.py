"""List institutions."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.listing import only
from services.registration.application.office import Office
from services.registration.domain.institution import Institution
from shared.store import Filters, Page, Part, find_part


async def list_institutions(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Institution]:
    """Institutions, newest first: all for an officer, the caller's own for an institution."""
    store = office.stores.institutions
    if caller.role == "officer":
        return await find_part(store, filters, part)
    if caller.institution_id is not None:
        return only(store.kind, await store.read(caller.institution_id), filters, part)
    return await find_part(store, {**filters, "registered_by": caller.subject}, part)
