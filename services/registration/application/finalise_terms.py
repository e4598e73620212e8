"""Make terms of reference final: the binding search for experts starts."""

from __future__ import annotations

from services.registration.application.access import TERMS, Party
from services.registration.application.announce import terms_finalised
from services.registration.application.office import Office
from services.registration.domain.terms import Terms, finalise
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def finalise_terms(office: Office, caller: Party, id_: str, cause: Cause) -> Outcome[Terms]:
    """Announces tor.finalised with the activity's windows and the positions. Refused unless it is a draft;
    Invalid where its days leave no time to ask anybody."""
    now = office.clock.now()

    def decide(state: Terms | None) -> Decision[Terms]:
        after = finalise(existing(state, TERMS, id_), caller.subject, office.policy, now)
        return Decision(after, (terms_finalised(after),))

    await find_seen(office.stores.terms, id_, everybody, TERMS)
    return await office.stores.terms.change(id_, cause, decide)
