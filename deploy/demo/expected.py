"""Who should have been told: worked out from the field's catalogue and the story, not from the services' tables.

Rows 1, 7, 12 to 15 and 20 of the catalogue, the ranked lists, the verification of institutions and row 46. Whose
employer gets a copy is read from the sample roster: an employer that was entered and has given its general consent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from deploy.demo import bodies
from deploy.demo.office import Case, Office

Told = tuple[str, str, str]
"""(event id, recipient, channel)"""
CHANNELS = ("mail", "inbox")
STORY = frozenset(
    {
        "institution.submitted",
        "institution.verified",
        "expert.activated",
        "request.submitted",
        "request.approved",
        "match.completed",
        "assignment.offered",
        "deadline.approaching",
        "assignment.accepted",
        "assignment.declined",
        "assignment.expired",
        "team.complete",
    }
)
"""What happens in every run of it, and somebody is told of."""


def expected(events: Iterable[dict[str, Any]], cases: list[Case], office: Office) -> set[Told]:
    """Every (event, recipient, channel) that must exist, for the events that were announced."""
    by_institution = {case.institution_id: case for case in cases}
    supervisors = _supervisors(office)
    told: set[Told] = set()
    for event in events:
        kind, data = event["type"], event["data"]
        case = by_institution.get(data.get("institution_id", ""))
        to = _recipients(kind, data, case, office.staff) if case else _outside_the_cases(kind, data, office)
        if kind in ("assignment.offered", "assignment.accepted"):
            to += supervisors.get(data["expert_id"], [])
        told |= {(event["event_id"], recipient, channel) for recipient in to for channel in CHANNELS}
    return told


def _supervisors(office: Office) -> dict[str, list[str]]:
    """Who is told at the employer of an expert, by the expert's id; nobody where the employer gets no copy."""
    return {
        office.experts[sample["key"]]: [office.employers[sample["employer_name"]].contacts["supervisor"]]
        for sample in bodies.sample_experts()
        if sample["employer_consent"] == "yes"
        and sample["employer_name"] in office.employers
        and sample["key"] in office.experts
    }


def _outside_the_cases(kind: str, data: dict[str, Any], office: Office) -> list[str]:
    """What concerns an expert or an employer. The employers are in the Union, where no EU Delegation is told."""
    if kind in ("expert.activated", "expert.revision_refused"):
        return [data["expert_id"]]
    employers = {employer.id: employer for employer in office.employers.values()}
    employer = employers.get(data.get("institution_id", ""))
    match kind:
        case "institution.submitted" if employer:
            return [office.staff["desk"]]
        case "institution.verified" | "institution.rejected" if employer:
            return [employer.contacts["focal_point"]]
        case _:
            return []


def _recipients(kind: str, data: dict[str, Any], case: Case, staff: dict[str, str]) -> list[str]:
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


def unannounced(events: Iterable[dict[str, Any]]) -> list[str]:
    """Kinds of events that belong to the story and never came: of those nobody was expected to be told."""
    return [f"never announced: {kind}" for kind in sorted(STORY - {event["type"] for event in events})]


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
