"""Change the wording of a draft."""

from __future__ import annotations

from services.registration.application.access import Party, sees_request
from services.registration.application.office import Office
from services.registration.domain.request import Request, edit
from services.registration.domain.request_content import RequestContent, refuse_channel
from shared.store import Cause, Decision, Outcome, existing, find_seen


async def edit_request(
    office: Office, caller: Party, id_: str, content: RequestContent, cause: Cause
) -> Outcome[Request]:
    """NotFound for a request the caller may not see; Refused once it is submitted."""
    stored = await find_seen(office.stores.requests, id_, lambda s: sees_request(caller, s), "request")

    def decide(state: Request | None) -> Decision[Request]:
        before = existing(state, "request", id_)
        if (content.channel, content.received_on) != (before.content.channel, before.content.received_on):
            refuse_channel(content, by_officer=caller.role == "officer")
        return Decision(edit(before, content))

    return await office.stores.requests.change(stored.id, cause, decide)
