"""Whose names a notice tells beside its reader's own: the experts of a complete team, to the partner they work for."""

from __future__ import annotations

from services.notifications.domain.delivery import Delivery


def names_told(notice: Delivery) -> tuple[str, ...]:
    """Ids of the people it names. A partner knows its experts by name once they have accepted, and not before (domain
    §11.9); every other notice names nobody."""
    if (notice.type, notice.role) != ("team_complete", "focal_point"):
        return ()
    return tuple(member["expert_id"] for member in notice.facts["members"])
