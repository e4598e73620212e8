"""Open the action that answers an approved request, and draft the terms of reference of its activity.

Four documents, four steps, each repeatable: the code is given by the action's id, the action's own guard lets the
event in once, the request is converted where it is not yet, the draft is made where there is none. After a crash in
between, the event comes again and completes it.
"""

from __future__ import annotations

from services.registration.application.allocate_code import allocate_code
from services.registration.application.announce import action_created, terms_drafted
from services.registration.application.office import Office
from services.registration.domain import terms as documents
from services.registration.domain.action import Action, action_id_of, open_for
from services.registration.domain.request import Approval, Request, convert
from services.registration.domain.terms import Terms
from shared.store import Decision, Happened, Step


async def open_action(office: Office, request_id: str, cause: Happened) -> None:
    """Announces action.created, which says too that the request is converted, and tor.drafted.

    LookupError where the approved request is not in the store.
    """
    stored = await office.stores.requests.read(request_id)
    if stored is None or stored.state.approval is None:
        raise LookupError(f"request {request_id} was announced as approved and is not stored as such")
    action = await _opened(office, stored.state, cause)
    await office.stores.requests.change(request_id, Step(origin=cause.origin), _converted)
    await _drafted(office, action, stored.state, stored.state.approval, cause)


async def _opened(office: Office, request: Request, cause: Happened) -> Action:
    action_id = action_id_of(request.id)
    before = await office.stores.actions.read(action_id)
    code = before.state.code if before else await _code(office, action_id, request, cause)

    def decide(state: Action | None) -> Decision[Action]:
        if state is not None:
            return Decision(state)
        action = open_for(request, code)
        return Decision(action, (action_created(action),))

    outcome = await office.stores.actions.change(action_id, cause, decide)
    if outcome.stored is None:
        raise LookupError(f"action {action_id} was not kept")
    return outcome.stored.state


def _converted(state: Request | None) -> Decision[Request]:
    if state is None:
        raise LookupError("the request of an action is not stored")
    return Decision(convert(state))


async def _code(office: Office, action_id: str, request: Request, cause: Happened) -> str:
    year = (request.approval.at if request.approval else office.clock.now()).year
    return await allocate_code(office.stores.series, office.stores.allocations, action_id, year, cause.origin)


async def _drafted(office: Office, action: Action, request: Request, approval: Approval, cause: Happened) -> None:
    def decide(state: Terms | None) -> Decision[Terms]:
        if state is not None:
            return Decision(state)
        terms = documents.draft(action, approval, request.content.urgency)
        return Decision(terms, (terms_drafted(terms),))

    terms_id = documents.terms_id_of(action.id, action.activities[0].activity_id)
    await office.stores.terms.change(terms_id, Step(origin=cause.origin), decide)
