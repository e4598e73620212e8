"""Draft a request in the name of an institution."""

from __future__ import annotations

from services.registration.application.access import Party, sees_institution
from services.registration.application.office import Office
from services.registration.domain.request import Request, draft
from services.registration.domain.request_content import RequestContent, refuse_channel
from shared.errors import Fault, Invalid, no_such
from shared.store import Cause, Decision, Outcome


async def draft_request(
    office: Office, caller: Party, institution_id: str | None, content: RequestContent, cause: Cause
) -> Outcome[Request]:
    """Announces nothing: a draft is the institution's own.

    An institution drafts for itself, an officer names the institution. NotFound for one the caller may not see.
    """
    named = institution_id or caller.institution_id
    stored = await office.stores.institutions.read(named) if named else None
    reference = await office.references.next(office.clock.now().year)

    def decide(id_: str) -> Decision[Request]:
        if named is None:
            fault = Fault("/institution_id", "the institution is missing", "Say for which institution you draft.")
            raise Invalid("no institution is named", mend=fault.mend, faults=(fault,))
        if stored is None or not sees_institution(caller, stored.state):
            raise no_such("institution", named)
        refuse_channel(content, by_officer=caller.role == "officer")
        return Decision(draft(id_, reference, stored.state, content, caller.subject))

    return await office.stores.requests.create(cause, "req", decide)
