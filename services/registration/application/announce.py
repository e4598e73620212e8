"""From registration's states to the published contracts. Person data goes into `contact.recorded` alone."""

from __future__ import annotations

from typing import Any

from services.registration.application.announce_expert import skills
from services.registration.domain.action import Action
from services.registration.domain.contact import Contact
from services.registration.domain.delegation import Delegation
from services.registration.domain.design import ActivityDesign, PositionDesign
from services.registration.domain.institution import Institution
from services.registration.domain.request import Request
from services.registration.domain.staff import Staff
from services.registration.domain.terms import Terms, position_id_of
from shared.contracts.events.actions import ActionCreated, ActivityRef
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.institutions import InstitutionRejected, InstitutionSubmitted, InstitutionVerified
from shared.contracts.events.requests import Period, RequestApproved, RequestRejected, RequestSubmitted
from shared.contracts.events.terms_of_reference import ActivityTerms, PositionTerms, TermsDrafted, TermsFinalised
from shared.given import Days


def institution_submitted(state: Institution, *, may_ask: bool) -> InstitutionSubmitted:
    """An institution registered. `may_ask`: whether its country's institutions may, in all three."""
    return InstitutionSubmitted(**_institution(state, may_ask))


def institution_state(
    state: Institution, *, may_ask: bool
) -> InstitutionSubmitted | InstitutionVerified | InstitutionRejected:
    """An institution as it stands."""
    decided = state.verification is not None and state.status in ("eligible", "ineligible")
    return institution_found(state, may_ask=may_ask) if decided else institution_submitted(state, may_ask=may_ask)


def institution_found(state: Institution, *, may_ask: bool) -> InstitutionVerified | InstitutionRejected:
    """An officer decided on an institution."""
    if state.status == "eligible":
        return InstitutionVerified(**_institution(state, may_ask))
    reason = state.verification.finding.reason if state.verification else ""
    return InstitutionRejected(**_institution(state, may_ask), reason=reason)


def _institution(state: Institution, may_ask: bool) -> dict[str, Any]:
    facts = state.facts
    return {
        "institution_id": state.id,
        "name": dict(facts.name),
        "acronym": facts.acronym,
        "country": facts.country,
        "level": facts.level,
        "institution_type": facts.institution_type,
        "themes": facts.themes,
        "parent_institution_id": facts.parent_institution_id,
        "status": state.status,
        "roles": facts.roles,
        "identity_known": state.identity_known,
        "may_ask": may_ask,
    }


def contact_recorded(state: Contact) -> ContactRecorded:
    """How an institution's contact can be reached."""
    return ContactRecorded(
        contact_id=state.id,
        kind="institution_contact",
        name=state.details.full_name,
        email=state.details.email,
        languages=state.details.languages,
        functions=state.details.functions,
        institution_id=state.institution_id,
        active=state.active,
    )


def staff_recorded(state: Staff) -> ContactRecorded:
    """How a member of staff can be reached."""
    return ContactRecorded(
        contact_id=state.id,
        kind="staff",
        name=state.details.full_name,
        email=state.details.email,
        languages=state.details.languages,
        functions=state.details.functions,
        active=state.active,
    )


def delegation_recorded(state: Delegation) -> ContactRecorded:
    """How an EU Delegation can be reached."""
    return ContactRecorded(
        contact_id=state.id,
        kind="delegation",
        name=state.details.name,
        email=state.details.email,
        languages=state.details.languages,
        functions=("eu_delegation",),
        countries=state.details.countries,
    )


def _period(days: Days) -> Period:
    return Period(first_day=days.first_day, last_day=days.last_day)


def request_submitted(state: Request) -> RequestSubmitted:
    """A request was submitted. ValueError for one whose people are not named: such a one cannot be submitted."""
    content = state.content
    if content.focal_point_id is None or content.signatory_id is None:
        raise ValueError("a submitted request names its focal point and its signatory")
    return RequestSubmitted(
        **_request(state),
        focal_point_id=content.focal_point_id,
        signatory_id=content.signatory_id,
        themes=content.themes,
        markers=content.markers,
        text=content.text,
        preferred_period=_period(content.preferred_period) if content.preferred_period else None,
        urgency=content.urgency,
        triangular_interest=content.triangular_interest,
    )


def request_approved(state: Request) -> RequestApproved:
    """A request was approved."""
    return RequestApproved(**_request(state))


def request_rejected(state: Request) -> RequestRejected:
    """A request was rejected. ValueError where no rejection is on record."""
    if state.rejection is None:
        raise ValueError("a rejected request has a rejection on record")
    said = state.rejection.rejection
    return RequestRejected(**_request(state), reason_code=said.reason_code, reason=said.reason)


def _request(state: Request) -> dict[str, Any]:
    return {
        "request_id": state.id,
        "reference": state.reference,
        "institution_id": state.institution_id,
        "country": state.country,
        "title": state.content.title,
        "language": state.content.language,
    }


def action_created(state: Action) -> ActionCreated:
    """An action was opened."""
    return ActionCreated(
        action_id=state.id,
        code=state.code,
        request_id=state.request_id,
        institution_id=state.institution_id,
        country=state.country,
        title=state.title,
        component=state.component,
        working_language=state.working_language,
        activities=tuple(ActivityRef(**dict(activity)) for activity in state.activities),
    )


def terms_drafted(state: Terms) -> TermsDrafted:
    """Terms of reference exist as a draft."""
    return TermsDrafted(**_terms(state))


def terms_finalised(state: Terms) -> TermsFinalised:
    """Terms of reference are final."""
    return TermsFinalised(
        **_terms(state),
        activity=_activity(state.activity_id, state.content.activity),
        positions=tuple(_position(state.id, position) for position in state.content.positions),
        urgency=state.urgency,
    )


def _terms(state: Terms) -> dict[str, Any]:
    return {
        "tor_id": state.id,
        "version": state.version,
        "action_id": state.action_id,
        "action_code": state.action_code,
        "request_id": state.request_id,
        "institution_id": state.institution_id,
        "country": state.country,
        "title": state.title,
        "working_language": state.working_language,
    }


def _activity(activity_id: str, activity: ActivityDesign) -> ActivityTerms:
    return ActivityTerms(
        activity_id=activity_id,
        number=activity.number,
        title=activity.title,
        format=activity.format,
        mode=activity.mode,
        city=activity.city,
        prep=_period(activity.prep),
        onsite=_period(activity.onsite),
        delivery_due=activity.delivery_due,
    )


def _position(terms_id: str, position: PositionDesign) -> PositionTerms:
    return PositionTerms(
        position_id=position_id_of(terms_id, position.number),
        number=position.number,
        is_principal=position.is_principal,
        themes=position.themes,
        days_total=position.days_total,
        min_years=position.min_years,
        languages=skills(position.languages),
        origin_rule=position.origin_rule,
        accepts_private=position.accepts_private,
        tasks=position.tasks,
    )
