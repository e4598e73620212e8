"""List the EU Delegations."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.delegation import Delegation
from shared.store import Filters, Page, Part, find_part


async def list_delegations(office: Office, filters: Filters, part: Part) -> Page[Delegation]:
    """EU Delegations, newest first."""
    return await find_part(office.stores.delegations, filters, part)
