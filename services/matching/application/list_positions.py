"""List positions."""

from __future__ import annotations

from typing import Any

from services.matching.application.access import Party, own_case, sees_everything
from services.matching.domain.position import Position, PositionState, states_told_as
from shared.store import Filters, Page, Part, Store, find_part


async def list_positions(
    positions: Store[Position], caller: Party, filters: Filters, state: PositionState | None, part: Part
) -> Page[Position]:
    """Positions, newest first: all for an officer, those of its own requests for an institution.

    `state`: only those that the caller is told are in it (`Position.state_told`); None: all.
    """
    wanted: dict[str, Any] = {**filters, "institution_id": own_case(caller)}
    if state is not None:
        wanted["state"] = [str(s) for s in ((state,) if sees_everything(caller) else states_told_as(state))]
    return await find_part(positions, wanted, part)
