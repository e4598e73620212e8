"""Enter a member of the facility's staff."""

from __future__ import annotations

from services.registration.application.announce import staff_recorded
from services.registration.application.office import Office
from services.registration.application.refuse_unknown_substitute import (
    knows_substitute,
    refuse_unknown_substitute,
)
from services.registration.domain.staff import Staff, StaffDetails, enter
from shared.store import Cause, Decision, Outcome


async def add_staff(office: Office, details: StaffDetails, cause: Cause) -> Outcome[Staff]:
    """Announces contact.recorded. Invalid where the person stood in for is unknown."""
    now, known = office.clock.now(), await knows_substitute(office, details)

    def decide(id_: str) -> Decision[Staff]:
        refuse_unknown_substitute(details, known=known)
        state = enter(id_, details, now)
        return Decision(state, (staff_recorded(state),))

    return await office.stores.staff.create(cause, "stf", decide)
