"""Submit a request: its wording is fixed from here on."""

from __future__ import annotations

import asyncio

from services.registration.application.access import Party, sees_request
from services.registration.application.announce import request_submitted
from services.registration.application.office import Office
from services.registration.domain.request import Request, Signatories, submit
from shared.store import Cause, Decision, Outcome, existing, find_seen


async def submit_request(office: Office, caller: Party, id_: str, cause: Cause) -> Outcome[Request]:
    """Announces request.submitted.

    NotFound for a request the caller may not see; Refused unless it is a draft of an eligible institution; Invalid,
    with a fault per place, where it is incomplete. What is asked of the institution and its contacts is looked up
    before the decision: both change rarely, and an officer looks at every request afterwards.
    """
    stores, now = office.stores, office.clock.now()
    found = await find_seen(stores.requests, id_, lambda s: sees_request(caller, s), "request")
    seen = found.state
    named = [id_ for id_ in (seen.content.focal_point_id, seen.content.signatory_id) if id_ is not None]
    institution, contacts = await asyncio.gather(
        stores.institutions.read(seen.institution_id), stores.contacts.read_many(named)
    )

    def decide(state: Request | None) -> Decision[Request]:
        before = existing(state, "request", id_)
        for_whom = existing(institution.state if institution else None, "institution", before.institution_id)
        focal = contacts.get(before.content.focal_point_id or "")
        signatory = contacts.get(before.content.signatory_id or "")
        people = Signatories(
            focal_point=focal.state if focal else None, signatory=signatory.state if signatory else None
        )
        after = submit(before, for_whom, people, office.policy, now)
        return Decision(after, (request_submitted(after),))

    return await stores.requests.change(id_, cause, decide, known=found)
