"""Refuse a profile that names an institution by an id that leads nowhere."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.expert_profile import ExpertProfile
from shared.errors import Fault, Invalid


async def unknown_institutions(office: Office, profile: ExpertProfile) -> tuple[Fault, ...]:
    """A fault for each employer, and each institution of an earlier assignment, whose id belongs to none here."""
    named = {f"previous_employments/{i}": job.institution_id for i, job in enumerate(profile.previous_employments)}
    named |= {f"assignments/{i}": done.institution_id for i, done in enumerate(profile.assignments)}
    if profile.employment is not None:
        named["employment"] = profile.employment.institution_id
    ids = sorted({id_ for id_ in named.values() if id_ is not None})
    known = await office.stores.institutions.read_many(ids) if ids else {}
    return tuple(
        Fault(
            f"/profile/{place}/institution_id",
            f"there is no institution {id_}",
            "Leave the id out where the institution is not registered.",
        )
        for place, id_ in named.items()
        if id_ is not None and id_ not in known
    )


def refuse_unknown_institutions(faults: tuple[Fault, ...]) -> None:
    """Invalid, if there is a fault."""
    if faults:
        raise Invalid("an institution is unknown", mend="Correct the ids, or leave them out.", faults=faults)
