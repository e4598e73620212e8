"""Reject a request, with a reason."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.announce import request_rejected
from services.registration.application.office import Office
from services.registration.domain.request import Rejection, Request, reject
from shared.store import Cause, Decision, Outcome, everybody, existing, find_seen


async def reject_request(
    office: Office, caller: Party, id_: str, rejection: Rejection, cause: Cause
) -> Outcome[Request]:
    """Announces request.rejected."""
    now = office.clock.now()

    def decide(state: Request | None) -> Decision[Request]:
        after = reject(existing(state, "request", id_), rejection, caller.subject, now)
        return Decision(after, (request_rejected(after),))

    await find_seen(office.stores.requests, id_, everybody, "request")
    return await office.stores.requests.change(id_, cause, decide)
