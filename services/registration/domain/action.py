"""Actions: the approved, designed response to a request, under a code of its own."""

from __future__ import annotations

from typing import Literal

from services.registration.domain.request import Request
from services.registration.domain.transitions import Table, after
from services.registration.domain.values import Id, Kept
from shared.errors import Refused
from shared.ids import derived_id

ActionStatus = Literal[
    "design", "form_drafted", "form_validated_by_partner", "submitted_for_approval", "approved", "mobilising",
    "in_progress", "reporting", "evaluation", "capitalisation", "closed", "suspended", "cancelled",
]  # fmt: skip
ActionAction = Literal[
    "draft_form", "validate_form", "submit", "approve", "send_back", "mobilise", "start", "complete_activities",
    "open_evaluation", "capitalise", "close", "suspend", "resume", "cancel",
]  # fmt: skip

TRANSITIONS: Table[ActionStatus, ActionAction] = {
    ("design", "draft_form"): "form_drafted",
    ("form_drafted", "validate_form"): "form_validated_by_partner",
    ("form_validated_by_partner", "submit"): "submitted_for_approval",
    ("submitted_for_approval", "approve"): "approved",
    ("submitted_for_approval", "send_back"): "form_drafted",
    ("approved", "mobilise"): "mobilising",
    ("mobilising", "start"): "in_progress",
    ("in_progress", "complete_activities"): "reporting",
    ("reporting", "open_evaluation"): "evaluation",
    ("evaluation", "capitalise"): "capitalisation",
    ("capitalisation", "close"): "closed",
    ("mobilising", "suspend"): "suspended",
    ("in_progress", "suspend"): "suspended",
    ("suspended", "resume"): "mobilising",
    ("approved", "cancel"): "cancelled",
    ("mobilising", "cancel"): "cancelled",
    ("in_progress", "cancel"): "cancelled",
    ("suspended", "cancel"): "cancelled",
}
"""Until the action form is built, the approval of the request approves its design too, and the action begins as
approved; no row but `mobilise` is taken yet."""


class ActionActivity(Kept):
    """One activity of an action."""

    activity_id: Id
    number: str
    title: str


class Action(Kept):
    """An action as stored."""

    id: Id
    code: str
    status: ActionStatus
    request_id: Id
    institution_id: Id
    country: str
    title: str
    objective: str
    component: str
    working_language: str
    themes: tuple[str, ...]
    activities: tuple[ActionActivity, ...]


def action_id_of(request_id: str) -> str:
    """The id of the action that answers a request: the same at every repetition."""
    return derived_id("act", request_id)


def activity_id_of(action_id: str, number: str) -> str:
    """The id of an action's activity."""
    return derived_id("acy", action_id, number)


def open_for(request: Request, code: str) -> Action:
    """The action that answers an approved request. Refused for any other request."""
    if request.approval is None:
        raise Refused("the request is not approved", mend="Approve it first.")
    id_, design = action_id_of(request.id), request.approval.design
    return Action(
        id=id_,
        code=code,
        status="approved",
        request_id=request.id,
        institution_id=request.institution_id,
        country=request.country,
        title=design.title,
        objective=design.objective,
        component=design.component,
        working_language=design.working_language,
        themes=tuple(dict.fromkeys(theme for position in design.positions for theme in position.themes)),
        activities=(
            ActionActivity(
                activity_id=activity_id_of(id_, design.activity.number),
                number=design.activity.number,
                title=design.activity.title,
            ),
        ),
    )


def mobilise(action: Action) -> Action:
    """The action once the first of its terms of reference are final (domain §11.6); as it is where it has gone on."""
    if action.status != "approved":
        return action
    return action.model_copy(update={"status": after(TRANSITIONS, "the action", action.status, "mobilise")})
