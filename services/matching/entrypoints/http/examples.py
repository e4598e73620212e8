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
