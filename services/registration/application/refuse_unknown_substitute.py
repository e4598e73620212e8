"""Refuse a member of staff who stands in for somebody who is no other member of staff."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.staff import StaffDetails
from shared.errors import Fault, Invalid


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
