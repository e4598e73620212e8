"""Change an expert's details: at once where an officer does, pending where an expert does in their active profile."""

from __future__ import annotations

from services.registration.application.access import Party, sees_expert
from services.registration.application.announce_expert import changes_of_expert
from services.registration.application.office import Office
from services.registration.application.refuse_unknown_institutions import (
    refuse_unknown_institutions,
    unknown_institutions,
)
from services.registration.domain.expert import Expert, ExpertDetails, revise
from shared.store import Cause, Decision, Outcome, existing, find_seen


async def revise_expert(
    office: Office, caller: Party, id_: str, details: ExpertDetails, cause: Cause
) -> Outcome[Expert]:
    """Announces expert.revised where what counts changed, contact.recorded where the way to reach the expert did.

    NotFound for a profile the caller may not see; Refused where it may not be edited now.
    """
    await find_seen(office.stores.experts, id_, lambda s: sees_expert(caller, s), "expert")
    now, unknown = office.clock.now(), await unknown_institutions(office, details.profile)

    def decide(state: Expert | None) -> Decision[Expert]:
        before = existing(state, "expert", id_)
        refuse_unknown_institutions(unknown)
        after = revise(before, details, now, by_officer=caller.role == "officer")
        return Decision(after, changes_of_expert(before, after))

    return await office.stores.experts.change(id_, cause, decide)
