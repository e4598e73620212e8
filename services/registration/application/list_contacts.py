"""List an institution's contacts."""

from __future__ import annotations

from services.registration.application.access import Party, sees_institution
from services.registration.application.office import Office
from services.registration.domain.contact import Contact
from shared.store import Filters, Page, Part, find_part, find_seen


async def list_contacts(
    office: Office, caller: Party, institution_id: str, filters: Filters, part: Part
) -> Page[Contact]:
    """The contacts, newest first. NotFound for an institution the caller may not see."""
    await find_seen(office.stores.institutions, institution_id, lambda s: sees_institution(caller, s), "institution")
    return await find_part(office.stores.contacts, {**filters, "institution": institution_id}, part)
