"""Decide whether an institution is eligible, on evidence of identity and of mandate."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce import institution_found
from services.registration.application.office import Office
from services.registration.domain.institution import Finding, Institution, verify
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def verify_institution(
    office: Office, caller: Party, id_: str, finding: Finding, cause: Cause
) -> Outcome[Institution]:
    """Announces institution.verified or institution.rejected. Refused unless the institution waits for it."""
    now = office.clock.now()

    def decide(state: Institution | None) -> Decision[Institution]:
        after = verify(existing(state, "institution", id_), finding, caller.subject, now)
        return Decision(after, (institution_found(after, may_ask=office.may_ask(after)),))

    await find_seen(office.stores.institutions, id_, everybody, "institution")
    return await office.stores.institutions.change(id_, cause, decide)
