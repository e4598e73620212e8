"""One sample of every event that notifications listens to; ids are invented, and so are all people behind them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.envelope import EventData
from shared.contracts.events.actions import ActionCreated, ActivityRef
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.experts import (
    ExpertActivated,
    ExpertRevised,
    ExpertRevisionRefused,
    ExpertSubmitted,
    LanguageSkill,
    ThemeExperience,
)
from shared.contracts.events.institutions import InstitutionRejected, InstitutionSubmitted, InstitutionVerified
from shared.contracts.events.positions import (
    AssignmentAccepted,
    AssignmentCleared,
    AssignmentConflictFound,
    AssignmentDeclined,
    AssignmentExpired,
    AssignmentOffered,
    ClearanceOverdue,
    ContractSigned,
    OfferDeadlineApproaching,
    OfferDeadlinePassed,
    PositionFilled,
    PositionOpened,
    PositionShortlisted,
    ShortlistApproved,
    ShortlistExhausted,
)
from shared.contracts.events.requests import Period, RequestApproved, RequestRejected, RequestSubmitted
from shared.contracts.events.searches import MatchCompleted, MatchEmpty, RankedExpert
from shared.contracts.events.teams import TeamComplete, TeamMember
from shared.contracts.events.terms_of_reference import ActivityTerms, PositionTerms, TermsDrafted, TermsFinalised

AT = datetime(2027, 3, 1, 9, 0, tzinfo=UTC)
RESPOND_BY = datetime(2027, 3, 6, 16, 0, tzinfo=UTC)
WEEK = Period(first_day=date(2027, 5, 3), last_day=date(2027, 5, 7))
CASE: dict[str, Any] = {"request_id": "req_1", "institution_id": "ins_1", "country": "NG", "title": "Sample title"}
REQUEST: dict[str, Any] = {**CASE, "reference": "REQ-2027-0001", "language": "en"}
INSTITUTION: dict[str, Any] = {
    "institution_id": "ins_1",
    "name": {"en": "Sample Fund", "fr": "Caisse type", "es": "Caja de muestra"},
    "country": "NG",
    "level": "national",
    "institution_type": "social_security_body",
}
EXPERT: dict[str, Any] = {
    "expert_id": "exp_1",
    "category": "eu_public",
    "country_of_work": "BE",
    "themes": (ThemeExperience(code="A01", level=3, years=9),),
    "years_total": 12,
    "languages": (LanguageSkill(language="en", level="C1"),),
}
SEARCH: dict[str, Any] = {
    **CASE,
    "search_id": "sea_1",
    "stage": "binding",
    "activity_id": "act_1",
    "position_id": "pos_1",
    "position_number": 1,
    "considered": 200,
    "algorithm_version": "1",
    "inputs_digest": "0",
}
POSITION: dict[str, Any] = {
    **CASE,
    "position_id": "pos_1",
    "number": 1,
    "is_principal": True,
    "tor_id": "tor_1",
    "activity_id": "act_1",
    "action_id": "acn_1",
    "action_code": "2027-07",
}
OFFER: dict[str, Any] = {**POSITION, "offer_id": "off_1", "expert_id": "exp_1", "rank": 1}
TERMS: dict[str, Any] = {
    **CASE,
    "tor_id": "tor_1",
    "version": 1,
    "action_id": "acn_1",
    "action_code": "2027-07",
    "working_language": "en",
}
MEMBERS = (
    TeamMember(position_id="pos_1", number=1, expert_id="exp_1", is_principal=True),
    TeamMember(position_id="pos_2", number=2, expert_id="exp_2", is_principal=False),
)

SAMPLES: tuple[EventData, ...] = (
    InstitutionSubmitted(**INSTITUTION, status="verification_pending"),
    InstitutionVerified(**INSTITUTION, status="eligible"),
    InstitutionRejected(**INSTITUTION, status="ineligible", reason="Not a public body"),
    ContactRecorded(contact_id="exp_1", kind="expert", name="Sample Person", email="exp_1@people.example"),
    ExpertSubmitted(**EXPERT, status="submitted"),
    ExpertRevised(**EXPERT, status="active"),
    ExpertActivated(**EXPERT, status="active"),
    ExpertRevisionRefused(**EXPERT, status="active"),
    RequestSubmitted(**REQUEST, focal_point_id="per_focal", signatory_id="per_sign", themes=("A01",), text="Sample"),
    RequestApproved(**REQUEST),
    RequestRejected(**REQUEST, reason_code="out_of_scope", reason="It is outside the facility's themes."),
    ActionCreated(
        **CASE,
        action_id="acn_1",
        code="2027-07",
        component="social_protection",
        working_language="en",
        activities=(ActivityRef(activity_id="act_1", number="1", title="Sample title"),),
    ),
    TermsDrafted(**TERMS),
    TermsFinalised(
        **TERMS,
        activity=ActivityTerms(
            activity_id="act_1",
            number="1",
            title="Sample title",
            format="mission",
            mode="on_site",
            prep=WEEK,
            onsite=WEEK,
            delivery_due=date(2027, 6, 1),
        ),
        positions=(
            PositionTerms(
                position_id="pos_1",
                number=1,
                is_principal=True,
                themes=("A01",),
                days_total=12,
                languages=(LanguageSkill(language="en", level="C1"),),
                origin_rule="any",
                accepts_private=False,
            ),
        ),
    ),
    MatchCompleted(
        **{**SEARCH, "stage": "indicative", "position_number": None, "position_id": None},
        suitable=17,
        top=(RankedExpert(expert_id="exp_1", rank=1, score=81_000),),
    ),
    MatchCompleted(**SEARCH, suitable=5, top=(RankedExpert(expert_id="exp_1", rank=1, score=81_000),)),
    MatchEmpty(**{**SEARCH, "stage": "indicative", "position_number": None}, emptied_by={"language": 200}),
    MatchEmpty(**SEARCH, emptied_by={"language": 200}),
    PositionOpened(**POSITION),
    PositionShortlisted(**POSITION, search_id="sea_1", suitable=5),
    ShortlistApproved(**POSITION, approved_by="per_manager"),
    ShortlistExhausted(**POSITION, failed_offers=2, widen=False),
    ShortlistExhausted(**POSITION, failed_offers=3, widen=True),
    ShortlistExhausted(**POSITION, failed_offers=3, widen=True, too_late=True),
    AssignmentOffered(
        **OFFER,
        employer_institution_id="ins_employer",
        mode="on_site",
        respond_by=RESPOND_BY,
        onsite=WEEK,
        days_total=12,
    ),
    OfferDeadlineApproaching(**OFFER, percent=50, respond_by=RESPOND_BY),
    OfferDeadlineApproaching(**OFFER, percent=90, respond_by=RESPOND_BY),
    AssignmentAccepted(**OFFER, employer_institution_id="ins_employer", mode="on_site", clearance_due=RESPOND_BY),
    ClearanceOverdue(**OFFER, clearance_due=RESPOND_BY),
    AssignmentDeclined(**OFFER, reason="personal", failed_offers=1),
    AssignmentExpired(**OFFER, respond_by=RESPOND_BY, failed_offers=2),
    OfferDeadlinePassed(**OFFER, respond_by=RESPOND_BY),
    AssignmentCleared(**OFFER),
    AssignmentConflictFound(**OFFER, conflict="employer"),
    ContractSigned(**OFFER, days=12, guideline_version="1"),
    PositionFilled(**OFFER),
    TeamComplete(
        **CASE,
        team_id="tea_1",
        activity_id="act_1",
        action_id="acn_1",
        action_code="2027-07",
        tor_id="tor_1",
        members=MEMBERS,
    ),
)


def sample(model: type[EventData]) -> EventData:
    """The first sample of that event."""
    return next(found for found in SAMPLES if type(found) is model)
