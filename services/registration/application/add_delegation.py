"""Enter an EU Delegation with its mailbox and the countries it covers."""

from __future__ import annotations

from services.registration.application.announce import delegation_recorded
from services.registration.application.office import Office
from services.registration.domain.delegation import Delegation, DelegationDetails
from shared.store import Cause, Decision, Outcome


async def add_delegation(office: Office, details: DelegationDetails, cause: Cause) -> Outcome[Delegation]:
    """Announces contact.recorded."""

    def decide(id_: str) -> Decision[Delegation]:
        state = Delegation(id=id_, details=details)
        return Decision(state, (delegation_recorded(state),))

    return await office.stores.delegations.create(cause, "del", decide)
