"""An event of terms of reference that are not final yet: the action waits."""

from __future__ import annotations

from services.registration.application.office import Office
from shared.store import Decision, Happened


async def await_final_terms(office: Office, action_id: str, cause: Happened) -> None:
    """Note that an event of the action's terms has come, so that the next one is the very next one."""
    await office.stores.actions.change(action_id, cause, Decision)
