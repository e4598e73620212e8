"""Read one expert."""

from __future__ import annotations

from services.registration.application.access import Party, sees_expert
from services.registration.application.office import Office
from services.registration.domain.expert import Expert
from shared.store import Stored, find_seen


async def read_expert(office: Office, caller: Party, id_: str) -> Stored[Expert]:
    """One expert. NotFound where the caller may not see the profile."""
    return await find_seen(office.stores.experts, id_, lambda s: sees_expert(caller, s), "expert")
