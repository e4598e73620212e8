"""Refuse what an expert would change, with a reason: the profile stands as it was."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce_expert import expert_revision_refused
from services.registration.application.office import Office
from services.registration.domain.expert import Expert, Refusal, refuse_pending
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def refuse_pending_version(
    office: Office, caller: Party, id_: str, refusal: Refusal, cause: Cause
) -> Outcome[Expert]:
    """Announces expert.revision_refused, without the reason: the expert reads it in their profile.

    Refused where nothing is pending.
    """
    now = office.clock.now()

    def decide(state: Expert | None) -> Decision[Expert]:
        after = refuse_pending(existing(state, "expert", id_), refusal, caller.subject, now)
        return Decision(after, (expert_revision_refused(after),))

    await find_seen(office.stores.experts, id_, everybody, "expert")
    return await office.stores.experts.change(id_, cause, decide)
