"""Refuse a profile that names an employer by an id that leads nowhere."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.expert_profile import ExpertProfile
from shared.errors import Fault, Invalid


async def unknown_employers(office: Office, profile: ExpertProfile) -> tuple[Fault, ...]:
    """A fault for each employer whose id belongs to no registered institution."""
    named = {
        f"/profile/previous_employments/{i}/institution_id": job.institution_id
        for i, job in enumerate(profile.previous_employments)
    }
    if profile.employment is not None:
        named["/profile/employment/institution_id"] = profile.employment.institution_id
    ids = sorted({id_ for id_ in named.values() if id_ is not None})
    known = await office.stores.institutions.read_many(ids) if ids else {}
    return tuple(
        Fault(pointer, f"there is no institution {id_}", "Leave the id out where the employer is not registered.")
        for pointer, id_ in named.items()
        if id_ is not None and id_ not in known
    )


def refuse_unknown_employers(faults: tuple[Fault, ...]) -> None:
    """Invalid, if there is a fault."""
    if faults:
        raise Invalid("an employer is unknown", mend="Correct the ids, or leave them out.", faults=faults)
