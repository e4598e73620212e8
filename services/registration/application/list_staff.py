"""List the facility's staff."""

from __future__ import annotations

from services.registration.application.listing import Filters, Part, find_part
from services.registration.application.office import Office
from services.registration.domain.staff import Staff
from shared.store import Page


async def list_staff(office: Office, filters: Filters, part: Part) -> Page[Staff]:
    """Members of staff, newest first."""
    return await find_part(office.stores.staff, filters, part)
