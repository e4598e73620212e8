"""Take what an expert would change: it is their profile from then on, and they are found by it."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce_expert import changes_of_expert
from services.registration.application.office import Office
from services.registration.domain.expert import Expert, accept_pending
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def accept_pending_version(
    office: Office, caller: Party, id_: str, areas: tuple[str, ...], cause: Cause
) -> Outcome[Expert]:
    """Announces expert.revised. Refused where nothing is pending; Invalid for an area the version does not claim, and
    where no vetted area would be left."""
    today = office.clock.now().date()

    def decide(state: Expert | None) -> Decision[Expert]:
        before = existing(state, "expert", id_)
        after = accept_pending(before, areas, caller.subject, today, office.policy.vetting_months)
        return Decision(after, changes_of_expert(before, after))

    await find_seen(office.stores.experts, id_, everybody, "expert")
    return await office.stores.experts.change(id_, cause, decide)
