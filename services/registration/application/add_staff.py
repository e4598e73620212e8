"""Enter a member of the facility's staff."""

from __future__ import annotations

from services.registration.application.announce import staff_recorded
from services.registration.application.office import Office
from services.registration.domain.staff import Staff, StaffDetails, enter
from shared.errors import Fault, Invalid
from shared.store import Cause, Decision, Outcome


async def add_staff(office: Office, details: StaffDetails, cause: Cause) -> Outcome[Staff]:
    """Announces contact.recorded. Invalid where the person stood in for is unknown."""
    now, other = office.clock.now(), details.substitute_for
    other_known = other is None or await office.stores.staff.read(other) is not None

    def decide(id_: str) -> Decision[Staff]:
        if not other_known:
            fault = Fault("/substitute_for", f"there is no member of staff {other}", "Give the id of one, or none.")
            raise Invalid("the person stood in for is unknown", mend=fault.mend, faults=(fault,))
        state = enter(id_, details, now)
        return Decision(state, (staff_recorded(state),))

    return await office.stores.staff.create(cause, "stf", decide)
