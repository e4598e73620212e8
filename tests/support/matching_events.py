"""What registration would say to matching: sample experts, institutions, a request and its terms of reference.

Everybody and everything here is invented. The experts pass every rule of both positions unless a test changes them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from shared.contracts.envelope import EventData
from shared.contracts.events.experts import (
    Employment,
    ExpertActivated,
    LanguageSkill,
    PastAssignment,
    ThemeExperience,
    VettedArea,
)
from shared.contracts.events.institutions import InstitutionState, InstitutionSubmitted, InstitutionVerified
from shared.contracts.events.requests import Period, RequestHead, RequestRejected, RequestSubmitted
from shared.contracts.events.terms_of_reference import ActivityTerms, Mode, PositionTerms, TermsDrafted, TermsFinalised

START = datetime(2030, 3, 1, 12, tzinfo=UTC)
"""A Friday."""
ONSITE = Period(first_day=date(2030, 6, 3), last_day=date(2030, 6, 14))
WHOLE_YEAR = {"kind": "available", "first_day": "2030-01-01", "last_day": "2030-12-31"}
ASKING, HOME, ELSEWHERE = "ins_asks", "ins_home", "ins_elsewhere"
LEAD, SECOND = "pos_lead", "pos_second"

HEAD: dict[str, Any] = {
    "request_id": "req_1",
    "institution_id": ASKING,
    "country": "NG",
    "title": "Review of a sample pension scheme",
}


def expert(expert_id: str = "exp_1", model: type[EventData] = ExpertActivated, **changes: Any) -> Any:
    """An expert's state as it is announced, active unless changed."""
    fields: dict[str, Any] = {
        "expert_id": expert_id,
        "status": "active",
        "category": "eu_public",
        "country_of_work": "BE",
        "nationalities": ("BE",),
        "employment": Employment(
            institution_id=HOME, country="BE", employer_type="social_security_body", since=date(2015, 1, 1)
        ),
        "employer_consent": "yes",
        "themes": (ThemeExperience(code="A01", level=4, years=12),),
        "vetted_areas": (VettedArea(theme="A01", valid_until=date(2031, 1, 1)),),
        "years_total": 18,
        "languages": (LanguageSkill(language="en", level="C2"), LanguageSkill(language="fr", level="B1")),
        "assignments": (PastAssignment(year=2027, country="NG", themes=("A01",)),),
        "countries_experience": ("NG", "GH"),
        "summary": "Pension reform, contribution records and actuarial review for public schemes.",
        "method_skills": ("training", "facilitation"),
        "consent_to_contact": True,
        "general_declaration_on": date(2029, 12, 1),
        "days_last_12m": 10,
    }
    return model(**(fields | changes))


def institution(
    institution_id: str = HOME, model: type[InstitutionState] = InstitutionVerified, **changes: Any
) -> InstitutionState:
    """An institution as it is announced, eligible unless changed."""
    fields: dict[str, Any] = {
        "institution_id": institution_id,
        "name": {"en": "Sample Institution"},
        "country": "BE" if institution_id == HOME else "NG",
        "level": "national",
        "institution_type": "social_security_body",
        "status": "verification_pending" if model is InstitutionSubmitted else "eligible",
    }
    return model(**(fields | changes))


def request(model: type[RequestHead] = RequestSubmitted, request_id: str = "req_1", **changes: Any) -> RequestHead:
    """The request, submitted unless another event is asked for."""
    fields: dict[str, Any] = {**HEAD, "request_id": request_id, "reference": "REQ-2030-0001", "language": "en"}
    if model is RequestSubmitted:
        fields |= {
            "focal_point_id": "per_focal",
            "signatory_id": "per_signs",
            "themes": ("A01",),
            "text": "Contribution records of the pension scheme are reviewed and reform is advised.",
        }
    if model is RequestRejected:
        fields |= {"reason_code": "out_of_scope", "reason": "Sample reason."}
    return model(**(fields | changes))


def position(position_id: str, number: int, *, is_principal: bool, **changes: Any) -> PositionTerms:
    """A position of the terms of reference."""
    fields: dict[str, Any] = {
        "position_id": position_id,
        "number": number,
        "is_principal": is_principal,
        "themes": ("A01",),
        "days_total": 15,
        "min_years": 10,
        "languages": (LanguageSkill(language="en", level="C1"),),
        "origin_rule": "eu_public",
        "accepts_private": False,
        "tasks": "Study contribution records and advise on reform.",
    }
    return PositionTerms(**(fields | changes))


def terms_head(tor_id: str = "tor_1", request_id: str = "req_1") -> dict[str, Any]:
    """What every event of terms of reference says."""
    return {
        **HEAD,
        "request_id": request_id,
        "tor_id": tor_id,
        "version": 1,
        "action_id": f"acn_of_{tor_id}",
        "action_code": "2030-01",
        "working_language": "en",
    }


def drafted(tor_id: str = "tor_1") -> TermsDrafted:
    """The terms of reference as a draft."""
    return TermsDrafted(**terms_head(tor_id))


def finalised(
    *positions: PositionTerms,
    tor_id: str = "tor_1",
    request_id: str = "req_1",
    onsite: Period = ONSITE,
    mode: Mode = "on_site",
    urgency: str = "normal",
) -> TermsFinalised:
    """Final terms of reference: a principal and a second expert unless `positions` says otherwise."""
    asked = positions or (position(LEAD, 1, is_principal=True), position(SECOND, 2, is_principal=False))
    return TermsFinalised(
        **terms_head(tor_id, request_id),
        activity=ActivityTerms(
            activity_id=f"act_of_{tor_id}",
            number="1",
            title="Review mission",
            format="mission",
            mode=mode,
            city="Abuja",
            prep=Period(first_day=date(2030, 5, 20), last_day=date(2030, 5, 31)),
            onsite=onsite,
            delivery_due=date(2030, 6, 28),
        ),
        positions=asked,
        urgency=urgency,
    )
