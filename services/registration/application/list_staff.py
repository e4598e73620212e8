"""List the facility's staff."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.staff import Staff
from shared.store import Filters, Page, Part, find_part


async def list_staff(office: Office, filters: Filters, part: Part) -> Page[Staff]:
    """Members of staff, newest first."""
    return await find_part(office.stores.staff, filters, part)
