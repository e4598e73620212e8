"""Read one position."""

from __future__ import annotations

from services.matching.application.access import Party, sees_case_of
from services.matching.domain.position import Position
from shared.store import Store, Stored, find_seen


async def read_position(positions: Store[Position], caller: Party, id_: str) -> Stored[Position]:
    """NotFound where there is none, and for a position of another institution's request."""
    return await find_seen(positions, id_, lambda p: sees_case_of(caller, p.institution_id), "position")
