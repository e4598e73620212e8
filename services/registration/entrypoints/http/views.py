"""How aggregates are answered: what a caller handed in, as it stands, and our own facts beside it."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, BaseModel, Field

from services.registration.domain.action import Action, ActionActivity, ActionStatus, action_id_of, activity_id_of
from services.registration.domain.contact import Contact, ContactDetails
from services.registration.domain.delegation import Delegation, DelegationDetails
from services.registration.domain.design import Design, Warning_
from services.registration.domain.institution import (
    Finding,
    Institution,
    InstitutionFacts,
    InstitutionStatus,
    Verification,
)
from services.registration.domain.request import Request, RequestStatus
from services.registration.domain.request_content import RequestContent, Urgency
from services.registration.domain.staff import Staff, StaffDetails
from services.registration.domain.terms import Terms, TermsContent, TermsStatus, position_id_of, terms_id_of
from services.registration.domain.timeline import Line
from shared.store import Stored


class Meta(BaseModel):
    """What every answered object has."""

    id: str
    version: int = Field(description="counts the changes; also the ETag")
    created_at: AwareDatetime
    updated_at: AwareDatetime


def meta_of(stored: Stored[Any]) -> dict[str, Any]:
    """Id, version and instants of an aggregate, as `Meta` names them."""
    return {
        "id": stored.id,
        "version": stored.version,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
    }


class VerificationView(Finding):
    """An officer's finding."""

    by_override: bool
    at: AwareDatetime


class InstitutionView(Meta, InstitutionFacts):
    """An institution."""

    status: InstitutionStatus
    verification: VerificationView | None = None


def institution_view(stored: Stored[Institution]) -> InstitutionView:
    """An institution as answered."""
    state = stored.state
    found = _verification(state.verification) if state.verification else None
    return InstitutionView.model_construct(
        **meta_of(stored), **dict(state.facts), status=state.status, verification=found
    )


def _verification(record: Verification) -> VerificationView:
    return VerificationView.model_construct(**dict(record.finding), by_override=record.by_override, at=record.at)


class ContactView(Meta, ContactDetails):
    """A contact of an institution."""

    institution_id: str
    active: bool


def contact_view(stored: Stored[Contact]) -> ContactView:
    """A contact as answered."""
    state = stored.state
    return ContactView.model_construct(
        **meta_of(stored), **dict(state.details), institution_id=state.institution_id, active=state.active
    )


class StaffView(Meta, StaffDetails):
    """A member of the facility's staff."""

    active: bool


def staff_view(stored: Stored[Staff]) -> StaffView:
    """A member of staff as answered."""
    return StaffView.model_construct(**meta_of(stored), **dict(stored.state.details), active=stored.state.active)


class DelegationView(Meta, DelegationDetails):
    """An EU Delegation."""


def delegation_view(stored: Stored[Delegation]) -> DelegationView:
    """An EU Delegation as answered."""
    return DelegationView.model_construct(**meta_of(stored), **dict(stored.state.details))


class ApprovalView(BaseModel):
    """The approval: the action as designed, what was warned of, and what follows from it."""

    design: Design
    warnings: list[Warning_]
    at: AwareDatetime
    action_id: str = Field(description="of the action that is opened for it, a moment later")
    terms_of_reference_id: str


class RejectionView(BaseModel):
    """The rejection and its reason."""

    reason_code: str
    reason: str
    at: AwareDatetime


class RequestView(Meta, RequestContent):
    """A request for assistance."""

    reference: str
    institution_id: str
    country: str
    status: RequestStatus
    submitted_at: AwareDatetime | None = None
    approval: ApprovalView | None = None
    rejection: RejectionView | None = None


def request_view(stored: Stored[Request]) -> RequestView:
    """A request as answered."""
    state = stored.state
    return RequestView.model_construct(
        **meta_of(stored),
        **dict(state.content),
        reference=state.reference,
        institution_id=state.institution_id,
        country=state.country,
        status=state.status,
        submitted_at=state.submitted_at,
        approval=_approval(state),
        rejection=_rejection(state),
    )


def _approval(state: Request) -> ApprovalView | None:
    if state.approval is None:
        return None
    action_id = action_id_of(state.id)
    activity_id = activity_id_of(action_id, state.approval.design.activity.number)
    return ApprovalView.model_construct(
        design=state.approval.design,
        warnings=list(state.approval.warnings),
        at=state.approval.at,
        action_id=action_id,
        terms_of_reference_id=terms_id_of(action_id, activity_id),
    )


def _rejection(state: Request) -> RejectionView | None:
    if state.rejection is None:
        return None
    return RejectionView.model_construct(**dict(state.rejection.rejection), at=state.rejection.at)


class ActionView(Meta):
    """An action."""

    code: str
    status: ActionStatus
    request_id: str
    institution_id: str
    country: str
    title: str
    objective: str
    component: str
    working_language: str
    themes: list[str]
    activities: list[ActionActivity]


def action_view(stored: Stored[Action]) -> ActionView:
    """An action as answered."""
    own = {**dict(stored.state), "themes": list(stored.state.themes), "activities": list(stored.state.activities)}
    return ActionView.model_construct(**{**own, **meta_of(stored)})


class PositionId(BaseModel):
    """The id of a position, by its number."""

    number: int
    position_id: str


class TermsView(Meta, TermsContent):
    """Terms of reference."""

    terms_version: int = Field(description="version of the text; `version` counts its edits")
    status: TermsStatus
    action_id: str
    action_code: str
    request_id: str
    institution_id: str
    country: str
    title: str
    working_language: str
    activity_id: str
    urgency: Urgency = Field(description="that of the request; urgent: experts have less time to answer an offer")
    position_ids: list[PositionId]
    warnings: list[Warning_]
    finalised_at: AwareDatetime | None = None


def terms_view(stored: Stored[Terms]) -> TermsView:
    """Terms of reference as answered."""
    state = stored.state
    return TermsView.model_construct(
        **meta_of(stored),
        **dict(state.content),
        terms_version=state.version,
        status=state.status,
        action_id=state.action_id,
        action_code=state.action_code,
        request_id=state.request_id,
        institution_id=state.institution_id,
        country=state.country,
        title=state.title,
        working_language=state.working_language,
        activity_id=state.activity_id,
        urgency=state.urgency,
        position_ids=[
            PositionId.model_construct(number=p.number, position_id=position_id_of(state.id, p.number))
            for p in state.content.positions
        ],
        warnings=list(state.warnings),
        finalised_at=state.finalised_at,
    )


class LineView(BaseModel):
    """One line of a timeline."""

    at: AwareDatetime = Field(description="to institutions the day only: 00:00 UTC")
    code: str
    sentence: str
    actor_role: str
    event_id: str | None = Field(description="officers only")


def line_view(line: Line) -> LineView:
    """A line as answered."""
    return LineView.model_construct(
        at=line.at,
        code=line.code,
        sentence=line.sentence,
        actor_role=line.actor_role,
        event_id=line.event_id,
    )
