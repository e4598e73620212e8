"""Register an institution: it waits for verification from the start."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce import institution_submitted
from services.registration.application.office import Office
from services.registration.domain.institution import Institution, InstitutionFacts, register
from shared.errors import Fault, Invalid, Refused
from shared.store import Cause, Decision, Outcome


async def register_institution(
    office: Office, caller: Party, facts: InstitutionFacts, cause: Cause
) -> Outcome[Institution]:
    """Announces institution.submitted. Refused for a caller who has an institution; Invalid for an unknown parent."""
    parent = facts.parent_institution_id
    parent_known = parent is None or await office.stores.institutions.read(parent) is not None

    def decide(id_: str) -> Decision[Institution]:
        if caller.institution_id is not None:
            raise Refused(
                f"you act for institution {caller.institution_id} already",
                mend="Use a token that is bound to no institution to register another one.",
            )
        if not parent_known:
            fault = Fault("/parent_institution_id", f"there is no institution {parent}", "Register the parent first.")
            raise Invalid("the parent is unknown", mend=fault.mend, faults=(fault,))
        state = register(id_, facts, caller.subject)
        return Decision(state, (institution_submitted(state, may_ask=office.may_ask(state)),))

    return await office.stores.institutions.create(cause, "ins", decide)
