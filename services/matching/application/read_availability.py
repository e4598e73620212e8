"""Read when an expert is free, and which days are kept for offers."""

from __future__ import annotations

from services.matching.application.access import Party, sees_time_of
from services.matching.application.stores import Stores
from services.matching.domain.calendar import Calendar
from shared.errors import no_such
from shared.store import Stored


async def read_availability(stores: Stores, caller: Party, expert_id: str) -> Stored[Calendar] | None:
    """The calendar; None while nothing was declared or held.

    NotFound for an expert this service has not heard of, and for an expert's caller who is somebody else.
    """
    if not sees_time_of(caller, expert_id) or await stores.roster.read(expert_id) is None:
        raise no_such("expert", expert_id)
    return await stores.calendars.read(expert_id)
