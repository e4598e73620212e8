"""Read one EU Delegation."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.delegation import Delegation
from shared.store import Stored, everybody, find_seen


async def read_delegation(office: Office, id_: str) -> Stored[Delegation]:
    """NotFound where there is none."""
    return await find_seen(office.stores.delegations, id_, everybody, "delegation")
