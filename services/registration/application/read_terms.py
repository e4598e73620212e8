"""Read terms of reference. Institutions see theirs once final; drafts are the facility's papers."""

from __future__ import annotations

from services.registration.application.access import TERMS, Party, sees_case_of
from services.registration.application.office import Office
from services.registration.domain.terms import Terms
from shared.store import Stored, find_seen


async def read_terms(office: Office, caller: Party, id_: str) -> Stored[Terms]:
    """The terms of reference. NotFound where the caller may not see it."""

    def visible(terms: Terms) -> bool:
        return sees_case_of(caller, terms.institution_id) and (caller.role == "officer" or terms.status == "final")

    return await find_seen(office.stores.terms, id_, visible, TERMS)
