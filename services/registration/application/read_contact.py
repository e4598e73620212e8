"""Read one contact of an institution."""

from __future__ import annotations

from services.registration.application.access import Party, sees_institution
from services.registration.application.office import Office
from services.registration.domain.contact import Contact
from shared.store import Stored, find_seen


async def read_contact(office: Office, caller: Party, institution_id: str, id_: str) -> Stored[Contact]:
    """NotFound for an institution the caller may not see, and for a contact of another one."""
    await find_seen(office.stores.institutions, institution_id, lambda s: sees_institution(caller, s), "institution")
    return await find_seen(office.stores.contacts, id_, lambda s: s.institution_id == institution_id, "contact")
