"""Sample input and output for the interface's documentation. Nobody and nothing in it is real."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

_META: Example = {"version": 1, "created_at": "2031-01-10T09:00:00Z", "updated_at": "2031-01-10T09:00:00Z"}

INSTITUTION: Example = {
    "name": {"en": "Sample Pension Fund", "fr": "Caisse de pension (exemple)"},
    "acronym": "SPF",
    "country": "NG",
    "level": "national",
    "institution_type": "social_security_body",
    "mandate_text": "Administers old-age pensions for employees of the private sector.",
    "mandated_body": True,
    "themes": ["A01", "E02"],
    "roles": ["partner"],
    "website": "https://pension-fund.example.org",
    "address": "1 Sample Street, Sample City",
}
FINDING: Example = {
    "outcome": "eligible",
    "identity_evidence": {"method": "domain", "detail": "The caller's address belongs to the domain of the body."},
    "mandate_evidence": {"document": "Sample Pension Act, section 3", "note": "Copy on file."},
}
CONTACT: Example = {
    "given_name": "Ada",
    "family_name": "Sample",
    "email": "ada.sample@pension-fund.example.org",
    "phone": "+234 1 000 0000",
    "languages": ["en"],
    "functions": ["focal_point", "signatory"],
    "job_title": "Head of international relations",
}
STAFF: Example = {
    "given_name": "Jo",
    "family_name": "Sample",
    "email": "jo.sample@facility.example.org",
    "languages": ["en", "fr"],
    "functions": ["desk", "manager"],
    "components": ["social_protection"],
    "active_from": "2030-01-01",
}
DELEGATION: Example = {
    "name": "EU Delegation (sample)",
    "email": "delegation@eu.example.org",
    "countries": ["NG"],
    "languages": ["en"],
}
EXPERT: Example = {
    "person": {
        "given_name": "Sam",
        "family_name": "Sample",
        "email": "sam.sample@institute.example.org",
        "languages": ["en", "es"],
    },
    "profile": {
        "category": "eu_public",
        "country_of_work": "BE",
        "nationalities": ["BE"],
        "employment": {"country": "BE", "employer_type": "social_security_body", "since": "2015-03-01"},
        "employer_consent": "by_assignment",
        "themes": [{"code": "A01", "level": 4, "years": 12}, {"code": "E02", "level": 3, "years": 6}],
        "years_total": 15,
        "languages": [{"language": "en", "level": "C1"}, {"language": "fr", "level": "native"}],
        "assignments": [{"country": "PE", "year": 2023, "themes": ["A01"]}],
        "countries_experience": ["PE"],
        "method_skills": ["training", "peer_review"],
        "summary": "Has led the reform of contribution records in a public pension body.",
        "consent_to_contact": True,
        "general_declaration_on": "2030-06-01",
    },
}
ACTIVATION: Example = {"vetted_areas": ["A01", "E02"]}
REVISION_ACCEPTANCE: Example = {"vetted_areas": ["E02"]}
REVISION_REFUSAL: Example = {"reason": "The certificate on file says B2 in English. Please send the newer one."}
REQUEST: Example = {
    "title": "Contribution records of the pension fund",
    "language": "en",
    "focal_point_id": "con_018f",
    "signatory_id": "con_018f",
    "context": "Records are kept in branch offices and reach the head office once a year.",
    "problem": "A third of the claims wait for missing contribution records.",
    "objectives": "Design a yearly reconciliation of records that branch offices can do themselves.",
    "expected_results": "A procedure, its forms, and twenty trained officers.",
    "themes": ["A01", "E02"],
    "markers": ["good_governance"],
    "sdgs": ["1"],
    "types_of_assistance": ["capacity_building"],
    "preferred_formats": ["technical_mission"],
    "preferred_period": {"first_day": "2031-04-01", "last_day": "2031-06-30"},
    "triangular_interest": "team",
}
ACTIVITY: Example = {
    "number": "1",
    "title": "Reconciliation of contribution records",
    "format": "technical_mission",
    "mode": "on_site",
    "city": "Sample City",
    "prep": {"first_day": "2031-04-01", "last_day": "2031-04-18"},
    "onsite": {"first_day": "2031-04-21", "last_day": "2031-05-02"},
    "delivery_due": "2031-05-23",
}
POSITIONS: list[Example] = [
    {
        "number": 1,
        "is_principal": True,
        "themes": ["A01", "E02"],
        "days_prep": 4,
        "days_onsite": 10,
        "days_report": 4,
        "days_total": 18,
        "min_years": 8,
        "languages": [{"language": "en", "level": "C1"}],
        "origin_rule": "eu_public",
        "accepts_private": False,
        "tasks": "Leads the mission and writes the report.",
    },
    {
        "number": 2,
        "is_principal": False,
        "themes": ["E02"],
        "days_prep": 3,
        "days_onsite": 10,
        "days_report": 3,
        "days_total": 16,
        "min_years": 5,
        "languages": [{"language": "en", "level": "B2"}],
        "origin_rule": "any",
        "accepts_private": True,
        "tasks": "Trains officers of the branch offices.",
    },
]
DESIGN: Example = {
    "title": "Contribution records of the Sample Pension Fund",
    "working_language": "en",
    "component": "social_protection",
    "objective": "Records of contributions are complete within a year.",
    "activity": ACTIVITY,
    "positions": POSITIONS,
}
REJECTION: Example = {
    "reason_code": "not_short_term_advice",
    "reason": "The need is equipment; the facility offers short-term advice between peers.",
}
TERMS: Example = {
    "activity": ACTIVITY,
    "positions": POSITIONS,
    "background": "The fund keeps contribution records in its branch offices.",
    "objectives": "A yearly reconciliation that branch offices can do themselves.",
    "deliverables": [
        {"name": "Mission report", "language": "en", "pages": 20, "due": "2031-05-23", "author_position": 1}
    ],
}

INSTITUTION_VIEW: Example = {"id": "ins_018f", **_META, **INSTITUTION, "status": "verification_pending"}
CONTACT_VIEW: Example = {"id": "con_018f", **_META, **CONTACT, "institution_id": "ins_018f", "active": True}
STAFF_VIEW: Example = {"id": "stf_018f", **_META, **STAFF, "active": True}
DELEGATION_VIEW: Example = {"id": "del_018f", **_META, **DELEGATION}
EXPERT_VIEW: Example = {
    "id": "exp_018f",
    **_META,
    **EXPERT,
    "status": "submitted",
    "vetted_areas": [],
    "pending": None,
    "refused": None,
}
_VETTED: Example = {"status": "active", "vetted_areas": [{"theme": "A01", "valid_until": "2034-01-10"}]}
_REVISED: Example = {**EXPERT["profile"], "years_total": 16}
EXPERT_PENDING_VIEW: Example = {
    **EXPERT_VIEW,
    **_VETTED,
    "version": 3,
    "pending": {"profile": _REVISED, "submitted_at": "2031-01-12T09:00:00Z"},
}
EXPERT_ACCEPTED_VIEW: Example = {**EXPERT_VIEW, **_VETTED, "version": 4, "profile": _REVISED}
EXPERT_REFUSED_VIEW: Example = {
    **EXPERT_VIEW,
    **_VETTED,
    "version": 4,
    "refused": {"reason": REVISION_REFUSAL["reason"], "at": "2031-01-13T09:00:00Z"},
}
REQUEST_VIEW: Example = {
    "id": "req_018f",
    **_META,
    **REQUEST,
    "reference": "REQ-2031-0001",
    "institution_id": "ins_018f",
    "country": "NG",
    "status": "draft",
}
ACTION_VIEW: Example = {
    "id": "act_018f",
    **_META,
    "code": "2031-01",
    "status": "approved",
    "request_id": "req_018f",
    "institution_id": "ins_018f",
    "country": "NG",
    "title": DESIGN["title"],
    "objective": DESIGN["objective"],
    "component": "social_protection",
    "working_language": "en",
    "themes": ["A01", "E02"],
    "activities": [{"activity_id": "acy_018f", "number": "1", "title": ACTIVITY["title"]}],
}
TERMS_VIEW: Example = {
    "id": "tor_018f",
    **_META,
    **TERMS,
    "terms_version": 1,
    "status": "draft",
    "action_id": "act_018f",
    "action_code": "2031-01",
    "request_id": "req_018f",
    "institution_id": "ins_018f",
    "country": "NG",
    "title": DESIGN["title"],
    "working_language": "en",
    "activity_id": "acy_018f",
    "urgency": "normal",
    "position_ids": [{"number": 1, "position_id": "pos_018f"}, {"number": 2, "position_id": "pos_0190"}],
    "warnings": [],
}
TIMELINE_VIEW: Example = {
    "items": [
        {
            "at": "2031-01-10T09:00:00Z",
            "code": "request.submitted",
            "sentence": "Request REQ-2031-0001 was submitted: Contribution records of the pension fund.",
            "actor_role": "institution",
            "event_id": "evt_018f",
        }
    ],
    "next": None,
}
