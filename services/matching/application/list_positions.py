"""List positions."""

from __future__ import annotations

from services.matching.application.access import Party, own_case
from services.matching.application.listing import Filters, Part, find_part
from services.matching.domain.position import Position
from shared.store import Page, Store


async def list_positions(positions: Store[Position], caller: Party, filters: Filters, part: Part) -> Page[Position]:
    """Positions, newest first: all for an officer, those of its own requests for an institution."""
    return await find_part(positions, {**filters, "institution_id": own_case(caller)}, part)
