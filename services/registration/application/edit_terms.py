"""Change the draft of terms of reference."""

from __future__ import annotations

from services.registration.application.access import TERMS
from services.registration.application.office import Office
from services.registration.domain.terms import Terms, TermsContent, edit
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def edit_terms(office: Office, id_: str, content: TermsContent, cause: Cause) -> Outcome[Terms]:
    """Refused once final; Invalid, with a fault per place, where a rule of the design is broken."""
    today = office.clock.now().date()
    await find_seen(office.stores.terms, id_, everybody, TERMS)
    return await office.stores.terms.change(
        id_, cause, lambda state: Decision(edit(existing(state, TERMS, id_), content, office.policy, today))
    )
