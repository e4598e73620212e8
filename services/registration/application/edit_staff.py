"""Change what is known of a member of the facility's staff, such as a function or an address."""

from __future__ import annotations

from services.registration.application.announce import staff_recorded
from services.registration.application.office import Office
from services.registration.application.refuse_unknown_substitute import (
    knows_substitute,
    refuse_unknown_substitute,
)
from services.registration.domain.staff import Staff, StaffDetails, enter
from shared.store import Cause, Decision, Outcome, existing


async def edit_staff(office: Office, id_: str, details: StaffDetails, cause: Cause) -> Outcome[Staff]:
    """Announces contact.recorded where functions or the way to reach the person changed. NotFound; Invalid where the
    person stood in for is unknown."""
    now, known = office.clock.now(), await knows_substitute(office, details)

    def decide(state: Staff | None) -> Decision[Staff]:
        before = existing(state, "member of staff", id_)
        refuse_unknown_substitute(details, known=known and details.substitute_for != id_)
        after = enter(id_, details, now)
        return Decision(after, () if staff_recorded(after) == staff_recorded(before) else (staff_recorded(after),))

    return await office.stores.staff.change(id_, cause, decide)
