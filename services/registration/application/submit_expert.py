"""Enter an expert: the person and the professional profile."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce_expert import expert_recorded, expert_submitted
from services.registration.application.office import Office
from services.registration.application.refuse_unknown_institutions import (
    refuse_unknown_institutions,
    unknown_institutions,
)
from services.registration.domain.expert import Expert, ExpertDetails, submit
from shared.errors import Refused
from shared.store import Cause, Decision, Outcome


async def submit_expert(office: Office, caller: Party, details: ExpertDetails, cause: Cause) -> Outcome[Expert]:
    """Announces expert.submitted without names, and contact.recorded with them.

    Refused for a caller who has a profile already; Invalid for an employer that is not registered.
    """
    today, unknown = office.clock.now().date(), await unknown_institutions(office, details.profile)

    def decide(id_: str) -> Decision[Expert]:
        if caller.expert_id is not None:
            raise Refused(f"you have the profile {caller.expert_id} already", mend="Edit that profile.")
        refuse_unknown_institutions(unknown)
        state = submit(id_, details, caller.subject, today, by_officer=caller.role == "officer")
        return Decision(state, (expert_submitted(state), expert_recorded(state)))

    return await office.stores.experts.create(cause, "exp", decide)
