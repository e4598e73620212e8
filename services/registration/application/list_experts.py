"""List experts."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.listing import only
from services.registration.application.office import Office
from services.registration.domain.expert import Expert
from shared.store import Filters, Page, Part, find_part


async def list_experts(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Expert]:
    """Experts, newest first: all for an officer, their own profile for an expert."""
    store = office.stores.experts
    if caller.role == "officer":
        return await find_part(store, filters, part)
    if caller.expert_id is not None:
        return only(store.kind, await store.read(caller.expert_id), filters, part)
    return await find_part(store, {**filters, "registered_by": caller.subject}, part)
