"""Change an expert's details."""

from __future__ import annotations

from services.registration.application.access import Party, existing, find_seen, sees_expert
from services.registration.application.announce import expert_recorded, expert_revised
from services.registration.application.office import Office
from services.registration.application.refuse_unknown_employers import refuse_unknown_employers, unknown_employers
from services.registration.domain.expert import Expert, ExpertDetails, revise
from shared.store import Cause, Decision, Outcome
from shared.store.document import Announcement


async def revise_expert(
    office: Office, caller: Party, id_: str, details: ExpertDetails, cause: Cause
) -> Outcome[Expert]:
    """Announces expert.revised, and contact.recorded where the way to reach the expert changed.

    NotFound for a profile the caller may not see; Refused where it may not be edited now.
    """
    await find_seen(office.stores.experts, id_, lambda s: sees_expert(caller, s), "expert")
    today, unknown = office.clock.now().date(), await unknown_employers(office, details.profile)

    def decide(state: Expert | None) -> Decision[Expert]:
        before = existing(state, "expert", id_)
        refuse_unknown_employers(unknown)
        after = revise(before, details, today, by_officer=caller.role == "officer")
        said: list[Announcement] = [expert_revised(after)] if expert_revised(after) != expert_revised(before) else []
        if expert_recorded(after) != expert_recorded(before):
            said.append(expert_recorded(after))
        return Decision(after, tuple(said))

    return await office.stores.experts.change(id_, cause, decide)
