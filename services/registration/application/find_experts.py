"""Read experts: one, or a list."""

from __future__ import annotations

from services.registration.application.access import Party, find_seen, sees_expert
from services.registration.application.listing import Filters, Part, find_part, only
from services.registration.application.office import Office
from services.registration.domain.expert import Expert
from shared.store import Page, Stored


async def read_expert(office: Office, caller: Party, id_: str) -> Stored[Expert]:
    """One expert. NotFound where the caller may not see the profile."""
    return await find_seen(office.stores.experts, id_, lambda s: sees_expert(caller, s), "expert")


async def list_experts(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Expert]:
    """Experts, newest first: all for an officer, their own profile for an expert."""
    store = office.stores.experts
    if caller.role == "officer":
        return await find_part(store, filters, part)
    if caller.expert_id is not None:
        return only(store.kind, await store.read(caller.expert_id), filters, part)
    return await find_part(store, {**filters, "registered_by": caller.subject}, part)
