"""Vet an expert for areas of their profile: they can be found from then on."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce_expert import expert_activated
from services.registration.application.office import Office
from services.registration.domain.expert import Expert, activate
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def activate_expert(
    office: Office, caller: Party, id_: str, areas: tuple[str, ...], cause: Cause
) -> Outcome[Expert]:
    """Announces expert.activated. Invalid for an area the profile does not claim; Refused in another state."""
    today = office.clock.now().date()

    def decide(state: Expert | None) -> Decision[Expert]:
        before = existing(state, "expert", id_)
        after = activate(before, areas, caller.subject, today, office.policy.vetting_months)
        return Decision(after, (expert_activated(after),))

    await find_seen(office.stores.experts, id_, everybody, "expert")
    return await office.stores.experts.change(id_, cause, decide)
