"""Change what is known of an EU Delegation, such as its mailbox or the countries it covers."""

from __future__ import annotations

from services.registration.application.announce import delegation_recorded
from services.registration.application.office import Office
from services.registration.domain.delegation import Delegation, DelegationDetails
from shared.store import Cause, Decision, Outcome, existing


async def edit_delegation(office: Office, id_: str, details: DelegationDetails, cause: Cause) -> Outcome[Delegation]:
    """Announces contact.recorded where anything changed. NotFound."""

    def decide(state: Delegation | None) -> Decision[Delegation]:
        before = existing(state, "delegation", id_)
        after = Delegation(id=id_, details=details)
        return Decision(after, () if after == before else (delegation_recorded(after),))

    return await office.stores.delegations.change(id_, cause, decide)
