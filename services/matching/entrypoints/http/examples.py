"""Sample input and output for the interface's documentation. Nobody and nothing in it is real."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

_TITLE = "Contribution records of the Sample Pension Fund"

AVAILABILITY: Example = {
    "entries": [
        {
            "kind": "available",
            "first_day": "2031-02-01",
            "last_day": "2031-06-30",
            "modes": ["on_site", "remote"],
            "excluded": ["NG", "NEIGH_EAST"],
            "max_days": 20,
        },
        {"kind": "unavailable", "first_day": "2031-04-14", "last_day": "2031-04-18"},
    ],
    "own_maximum": {"days_12m": 40, "assignments": 2},
}
AVAILABILITY_VIEW: Example = {
    "expert_id": "exp_018f",
    "version": 3,
    "entries": [
        AVAILABILITY["entries"][0],
        {**AVAILABILITY["entries"][1], "modes": [], "excluded": [], "max_days": None},
    ],
    "own_maximum": AVAILABILITY["own_maximum"],
    "holds": [
        {
            "offer_id": "off_018f",
            "first_day": "2031-04-21",
            "last_day": "2031-05-02",
            "state": "offered",
            "expires_at": "2031-02-12T09:00:00Z",
        }
    ],
}

POSITION_LINE: Example = {
    "position_id": "pos_018f",
    "version": 4,
    "number": 1,
    "is_principal": True,
    "title": _TITLE,
    "country": "NG",
    "request_id": "req_018f",
    "institution_id": "ins_018f",
    "activity_id": "acy_018f",
    "action_code": "2031-01",
    "state": "offered",
}
REQUIREMENT: Example = {
    "stage": "binding",
    "request_id": "req_018f",
    "position_id": "pos_018f",
    "activity_id": "acy_018f",
    "institution_id": "ins_018f",
    "country": "NG",
    "themes": ["A01", "E02"],
    "languages": [{"language": "en", "level": "C1"}],
    "prep": {"start": "2031-04-01", "end": "2031-04-18"},
    "onsite": {"start": "2031-04-21", "end": "2031-05-02"},
    "delivery_due": "2031-05-23",
    "mode": "on_site",
    "days_total": 18,
    "min_years": 8,
    "origin_rule": "eu_public",
    "accepts_private": False,
    "is_principal": True,
}
POSITION_VIEW: Example = {
    **POSITION_LINE,
    "requirement": REQUIREMENT,
    "urgent": False,
    "search_id": "pos_018f",
    "shortlist": [
        {"expert_id": "exp_0190", "rank": 1, "score": 81250},
        {"expert_id": "exp_018f", "rank": 2, "score": 80500},
    ],
    "shortlist_approved_by": "per_018f",
    "skipped": [
        {
            "expert_id": "exp_0190",
            "codes": ["unavailable"],
            "sentences": ["The calendar must cover the stay on site and leave enough days."],
            "at": "2031-02-03T09:00:00Z",
        }
    ],
    "offers": [
        {
            "offer_id": "off_018f",
            "expert_id": "exp_018f",
            "rank": 2,
            "state": "offered",
            "offered_at": "2031-02-03T09:00:00Z",
            "respond_by": "2031-02-10T09:00:00Z",
            "reason": None,
            "clearance_due": None,
        }
    ],
}
SEARCHED_AGAIN: Example = {
    **POSITION_VIEW,
    "version": 7,
    "state": "shortlisted",
    "search_id": "sea_018f",
    "shortlist": [{"expert_id": "exp_0191", "rank": 1, "score": 77900}],
    "shortlist_approved_by": None,
    "skipped": [],
    "offers": [{**POSITION_VIEW["offers"][0], "state": "declined", "reason": "personal"}],
}
APPROVAL: Example = {"search_id": "sea_018f"}
LIST_APPROVED: Example = {**SEARCHED_AGAIN, "version": 8, "shortlist_approved_by": "per_018f"}

OFFER_VIEW: Example = {
    "offer_id": "off_018f",
    "version": 1,
    "expert_id": "exp_018f",
    "position_id": "pos_018f",
    "position_number": 1,
    "is_principal": True,
    "title": _TITLE,
    "country": "NG",
    "action_code": "2031-01",
    "first_day": "2031-04-21",
    "last_day": "2031-05-02",
    "days_total": 18,
    "state": "offered",
    "offered_at": "2031-02-03T09:00:00Z",
    "respond_by": "2031-02-10T09:00:00Z",
    "responded_at": None,
}
_ANSWERED: Example = {**OFFER_VIEW, "version": 2, "responded_at": "2031-02-05T14:30:00Z"}
ACCEPTED: Example = {**_ANSWERED, "state": "accepted"}
DECLINED: Example = {**_ANSWERED, "state": "declined"}
DECLINE: Example = {"reason": "dates"}

TEAM_VIEW: Example = {
    "team_id": "team_018f",
    "version": 3,
    "activity_id": "acy_018f",
    "action_code": "2031-01",
    "request_id": "req_018f",
    "institution_id": "ins_018f",
    "title": _TITLE,
    "members": [
        {
            "position_id": "pos_018f",
            "expert_id": "exp_018f",
            "is_principal": True,
            "accepted_at": "2031-02-05T14:30:00Z",
        }
    ],
    "missing": ["pos_0190"],
    "lacks": ["positions_open"],
    "completed_at": None,
}

SEARCH_LINE: Example = {
    "search_id": "pos_018f",
    "version": 1,
    "stage": "binding",
    "request_id": "req_018f",
    "position_id": "pos_018f",
    "created_on": "2031-02-01",
    "considered": 3,
    "suitable": 1,
    "emptied_by": {"language_below_minimum": 1, "unavailable": 1},
}
_PART: Example = {
    "part": "theme",
    "points": 18750,
    "of": 25000,
    "evidence": [{"asked": "theme A01", "held": "A01 level 3, 8 years"}],
}
_EXCLUSION: Example = {
    "code": "language_below_minimum",
    "sentence": "Every language asked for must reach its minimum level.",
    "values": {"asked": "en C1", "found": "en B2"},
}
SEARCH_VIEW: Example = {
    **SEARCH_LINE,
    "requirement": REQUIREMENT,
    "candidates": [
        {
            "expert_id": "exp_018f",
            "rank": 1,
            "score": 80500,
            "band": 1,
            "parts": [_PART],
            "warnings": [
                {
                    "code": "consent_by_assignment",
                    "sentence": "The employer has to agree to this assignment.",
                    "values": {},
                }
            ],
        }
    ],
    "exclusions": {
        "exp_0190": [_EXCLUSION],
        "exp_0191": [
            {
                "code": "unavailable",
                "sentence": "The calendar must cover the stay on site and leave enough days.",
                "values": {"undeclared_on": "2031-04-21"},
            }
        ],
    },
    "relaxations": [],
    "algorithm_version": "matching-6",
    "inputs_digest": "9f2c1d0e6b7a4c358d21f0aa5be3c7719f2c1d0e6b7a4c358d21f0aa5be3c771",
}
EXPLANATION: Example = {
    "search_id": "pos_018f",
    "expert_id": "exp_018f",
    "on_the_list": True,
    "rank": 1,
    "score": 80500,
    "parts": [_PART],
    "exclusions": [],
}
OFFER_EXPLANATION: Example = {
    "offer_id": "off_018f",
    "expert_id": "exp_018f",
    "score": 80500,
    "parts": [_PART],
}
