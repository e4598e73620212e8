"""Terms of reference: drafted with the action, edited, then final. Final terms never change."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from services.registration.domain.action import Action
from services.registration.domain.design import ActivityDesign, Positions, Warning_, check_terms
from services.registration.domain.policy import POSITIONS_MOST, Policy
from services.registration.domain.request import Approval
from services.registration.domain.request_content import Urgency
from services.registration.domain.transitions import Table, after
from services.registration.domain.values import Id, Kept, LongText, Title
from shared.errors import Fault, Invalid
from shared.given import Day, Given
from shared.ids import derived_id
from shared.vocabulary.codes import LanguageCode

TermsStatus = Literal["draft", "partner_review", "revised", "final", "superseded"]
TermsAction = Literal["edit", "send_to_partner", "revise", "finalise", "supersede"]

TRANSITIONS: Table[TermsStatus, TermsAction] = {
    ("draft", "edit"): "draft",
    ("draft", "send_to_partner"): "partner_review",
    ("partner_review", "revise"): "revised",
    ("revised", "send_to_partner"): "partner_review",
    ("draft", "finalise"): "final",
    ("partner_review", "finalise"): "final",
    ("final", "supersede"): "superseded",
}
"""Rows that no function below takes are drawn and reached by nothing yet."""


class Deliverable(Given):
    """Something the experts hand over, and who of them writes it."""

    name: Title
    language: LanguageCode
    pages: Annotated[int, Field(ge=1, le=1000)] | None = None
    due: Day | None = None
    author_position: Annotated[int, Field(ge=1, le=POSITIONS_MOST)] | None = None


class TermsContent(Given):
    """What the terms say. Dates, place, mode and positions are what experts are searched for by."""

    activity: ActivityDesign
    positions: Positions
    background: LongText = ""
    objectives: LongText = ""
    deliverables: Annotated[tuple[Deliverable, ...], Field(max_length=20)] = ()


class Terms(Kept):
    """Terms of reference as stored. `version` counts the published versions of the text, not its edits."""

    id: Id
    version: int
    status: TermsStatus
    action_id: Id
    action_code: str
    request_id: Id
    institution_id: Id
    country: str
    title: str
    working_language: str
    activity_id: Id
    urgency: Urgency = "normal"
    content: TermsContent
    warnings: tuple[Warning_, ...] = ()
    finalised_by: Id | None = None
    finalised_at: datetime | None = None


def terms_id_of(action_id: str, activity_id: str) -> str:
    """The id of the terms of an action's activity: the same at every repetition."""
    return derived_id("tor", action_id, activity_id)


def position_id_of(terms_id: str, number: int) -> str:
    """The id of a position of these terms."""
    return derived_id("pos", terms_id, str(number))


def draft(action: Action, approval: Approval, urgency: Urgency) -> Terms:
    """The first draft, from the action and the design it was approved with; what was warned of then stays warned of.
    It is as urgent as the request."""
    activity, design = action.activities[0], approval.design
    return Terms(
        id=terms_id_of(action.id, activity.activity_id),
        version=1,
        status="draft",
        action_id=action.id,
        action_code=action.code,
        request_id=action.request_id,
        institution_id=action.institution_id,
        country=action.country,
        title=action.title,
        working_language=action.working_language,
        activity_id=activity.activity_id,
        urgency=urgency,
        content=TermsContent(activity=design.activity, positions=design.positions, objectives=design.objective),
        warnings=approval.warnings,
    )


def edit(terms: Terms, content: TermsContent, policy: Policy, today: date) -> Terms:
    """The draft with other content. Refused once final; Invalid where it breaks a rule of the design."""
    status = after(TRANSITIONS, "the text of the terms of reference", terms.status, "edit")
    warnings = _checked(terms, content, policy, today)
    return terms.model_copy(update={"status": status, "content": content, "warnings": warnings})


def finalise(terms: Terms, by: str, policy: Policy, now: datetime) -> Terms:
    """The final terms. Refused in another state; Invalid where a day of the design has passed meanwhile.

    Invalid too where the stay on site, or for remote work the preparation, begins today (UTC) or has begun: an offer
    must be answered before, so nobody could be asked, and final terms cannot be given later days. Our rule, no public
    source.
    """
    status = after(TRANSITIONS, "the text of the terms of reference", terms.status, "finalise")
    warnings = _checked(terms, terms.content, policy, now.date())
    _must_lie_ahead(terms.content.activity, now.date())
    return terms.model_copy(update={"status": status, "warnings": warnings, "finalised_by": by, "finalised_at": now})


def _must_lie_ahead(activity: ActivityDesign, today: date) -> None:
    window, days = ("prep", activity.prep) if activity.mode == "remote" else ("onsite", activity.onsite)
    if days.first_day <= today:
        pointer, mend = f"/activity/{window}/first_day", "Edit the draft: plan days that lie ahead."
        fault = Fault(pointer, f"no expert can be asked in time for {days.first_day}", mend)
        raise Invalid("it is too late to search for these days", mend=mend, faults=(fault,))


def _checked(terms: Terms, content: TermsContent, policy: Policy, today: date) -> tuple[Warning_, ...]:
    warnings = check_terms(content.activity, content.positions, policy, today)
    if content.activity.number != terms.content.activity.number:
        number = terms.content.activity.number
        fault = Fault("/activity/number", "the number of the activity is fixed", f"Give {number}.")
        raise Invalid("these terms belong to another activity", mend="Leave the number as it is.", faults=(fault,))
    numbers = {position.number for position in content.positions}
    faults = tuple(
        Fault(f"/deliverables/{i}/author_position", f"there is no position {item.author_position}", "Name one.")
        for i, item in enumerate(content.deliverables)
        if item.author_position is not None and item.author_position not in numbers
    )
    if faults:
        raise Invalid("a deliverable names no position of these terms", mend="Correct the author.", faults=faults)
    return warnings
