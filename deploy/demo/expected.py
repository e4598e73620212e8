"""Who should have been told: worked out from the field's catalogue and the story, not from the services' tables.

Rows 1, 7, 12 to 15 and 20 of the catalogue, the ranked lists, the verification of institutions and row 46.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from deploy.demo.office import Case, Office

Told = tuple[str, str, str]
"""(event id, recipient, channel)"""
CHANNELS = ("mail", "inbox")


def expected(events: Iterable[dict[str, Any]], cases: list[Case], office: Office) -> set[Told]:
    """Every (event, recipient, channel) that must exist, for the events that were announced."""
    by_institution = {case.institution_id: case for case in cases}
    told: set[Told] = set()
    for event in events:
        case = by_institution.get(event["data"].get("institution_id", ""))
        for recipient in _recipients(event["type"], event["data"], case, office.staff):
            told |= {(event["event_id"], recipient, channel) for channel in CHANNELS}
    return told


def _recipients(kind: str, data: dict[str, Any], case: Case | None, staff: dict[str, str]) -> list[str]:
    if kind == "expert.activated":
        return [data["expert_id"]]
    if case is None:
        return []
    focal_point, signatory = case.contacts["focal_point"], case.contacts["signatory"]
    match kind:
        case "institution.submitted":
            return [staff["desk"]]
        case "institution.verified" | "institution.rejected":
            return [focal_point, case.delegation_id]
        case "request.submitted":
            return [focal_point, signatory, staff["desk"], case.delegation_id]
        case "request.approved" | "request.rejected":
            return [focal_point, signatory, case.delegation_id, staff["adviser"], staff["manager"]]
        case "match.completed" | "match.empty" | "shortlist.exhausted" | "clearance.overdue":
            return [staff["manager"], staff["pool_manager"]]
        case "assignment.offered" | "deadline.approaching":
            return [data["expert_id"]]
        case "assignment.accepted":
            return [staff["manager"], focal_point, staff["logistics"]]
        case "assignment.declined":
            return [staff["manager"], staff["pool_manager"]]
        case "assignment.expired":
            return [staff["manager"], staff["pool_manager"], data["expert_id"]]
        case "team.complete":
            members = [member["expert_id"] for member in data["members"]]
            return [focal_point, case.delegation_id, staff["communication"], *members]
        case _:
            return []


def differences(wanted: set[Told], deliveries: Iterable[dict[str, Any]]) -> list[str]:
    """What was not told, told to somebody else, or told twice.

    A delivery that waited for a function told nobody: once released, those who hold it have deliveries of their own.
    """
    told = (d for d in deliveries if d["state"] != "released")
    seen = Counter((d["event_id"], d["recipient"], d["channel"]) for d in told)
    found = [f"not told: {place}" for place in sorted(wanted - seen.keys())]
    found += [f"told and should not have been: {place}" for place in sorted(seen.keys() - wanted)]
    found += [f"told {n} times: {place}" for place, n in sorted(seen.items()) if n > 1]
    return found
