"""List terms of reference. Institutions see theirs once final; drafts are the facility's papers."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.office import Office
from services.registration.domain.terms import Terms
from shared.errors import unbound
from shared.store import Filters, Page, Part, find_part


async def list_terms(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Terms]:
    """Terms of reference, newest first: all for an officer, the institution's own final ones for everybody else.

    Forbidden for a caller whose token names no institution.
    """
    if caller.role == "officer":
        return await find_part(office.stores.terms, filters, part)
    if caller.institution_id is None:
        raise unbound("institution")
    own = {"institution": caller.institution_id, "status": "final"}
    if any(filters.get(name) not in (None, own[name]) for name in own):
        return Page((), None)
    return await find_part(office.stores.terms, {**filters, **own}, part)
