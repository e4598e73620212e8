"""Read one action."""

from __future__ import annotations

from services.registration.application.access import Party, sees_case_of
from services.registration.application.office import Office
from services.registration.domain.action import Action
from shared.store import Stored, find_seen


async def read_action(office: Office, caller: Party, id_: str) -> Stored[Action]:
    """One action. NotFound where the caller may not see it."""
    return await find_seen(office.stores.actions, id_, lambda s: sees_case_of(caller, s.institution_id), "action")
