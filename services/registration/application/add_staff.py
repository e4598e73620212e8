"""Enter a member of the facility's staff."""

from __future__ import annotations

from services.registration.application.announce import staff_recorded
from services.registration.application.office import Office
from services.registration.domain.staff import Staff, StaffDetails, enter
from shared.errors import Fault, Invalid
from shared.store import Cause, Decision, Outcome


async def add_staff(office: Office, details: StaffDetails, cause: Cause) -> Outcome[Staff]:
    """Announces contact.recorded. Invalid where the person stood in for is unknown."""
    now, known = office.clock.now(), await knows_substitute(office, details)

    def decide(id_: str) -> Decision[Staff]:
        refuse_unknown_substitute(details, known=known)
        state = enter(id_, details, now)
        return Decision(state, (staff_recorded(state),))

    return await office.stores.staff.create(cause, "stf", decide)


async def knows_substitute(office: Office, details: StaffDetails) -> bool:
    """Whether whoever is stood in for is a member of staff; also where nobody is."""
    other = details.substitute_for
    return other is None or await office.stores.staff.read(other) is not None


def refuse_unknown_substitute(details: StaffDetails, *, known: bool) -> None:
    """Invalid where the person stood in for is not known, or cannot be."""
    if not known:
        fault = Fault(
            "/substitute_for",
            f"{details.substitute_for} is no other member of staff",
            "Give the id of one, or none.",
        )
        raise Invalid("the person stood in for is unknown", mend=fault.mend, faults=(fault,))
