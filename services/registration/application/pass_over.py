"""An event of a request that opens no action."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.action import action_id_of
from shared.store import Decision, Happened


async def pass_over(office: Office, request_id: str, cause: Happened) -> None:
    """Note that an event of the request has come, so that the next one is the very next one."""
    first = cause.sequence == 1
    await office.stores.actions.change(action_id_of(request_id), cause, lambda s: Decision(s), likely_new=first)
