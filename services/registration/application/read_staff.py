"""Read one member of the facility's staff."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.staff import Staff
from shared.store import Stored, everybody, find_seen


async def read_staff(office: Office, id_: str) -> Stored[Staff]:
    """NotFound where there is none."""
    return await find_seen(office.stores.staff, id_, everybody, "member of staff")
