"""Approve a request, with the design of the action that answers it."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce import request_approved
from services.registration.application.office import Office
from services.registration.domain.design import Design
from services.registration.domain.request import Request, approve
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def approve_request(office: Office, caller: Party, id_: str, design: Design, cause: Cause) -> Outcome[Request]:
    """Announces request.approved. The action follows from that event; the request's own wording stays untouched."""
    now = office.clock.now()

    def decide(state: Request | None) -> Decision[Request]:
        after = approve(existing(state, "request", id_), design, caller.subject, now, office.policy)
        return Decision(after, (request_approved(after),))

    await find_seen(office.stores.requests, id_, everybody, "request")
    return await office.stores.requests.change(id_, cause, decide)
