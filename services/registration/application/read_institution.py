"""Read one institution."""

from __future__ import annotations

from services.registration.application.access import Party, sees_institution
from services.registration.application.office import Office
from services.registration.domain.institution import Institution
from shared.store import Stored, find_seen


async def read_institution(office: Office, caller: Party, id_: str) -> Stored[Institution]:
    """One institution. NotFound where the caller may not see it."""
    return await find_seen(office.stores.institutions, id_, lambda s: sees_institution(caller, s), "institution")
