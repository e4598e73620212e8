"""How long each requester waited for the receipt of what they submitted, and which of them never got one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from deploy.demo.office import Case


def receipts(
    cases: Iterable[Case], events: Mapping[str, Mapping[str, Any]], mails: Iterable[Mapping[str, Any]]
) -> tuple[list[float], list[str]]:
    """Milliseconds from each submission to each of its receipts, and what is missing: every request has a sample here
    or a line there. Taken when the story is over: a mail may be seen before the event it tells of."""
    submissions = {e["aggregate"]["id"]: id_ for id_, e in events.items() if e["type"] == "request.submitted"}
    arrived: dict[str, dict[str, float]] = {}
    for mail in mails:
        if mail["type"] == "request_received":
            seen = arrived.setdefault(mail["event_id"], {})
            seen[mail["to"]] = min(mail["at"], seen.get(mail["to"], mail["at"]))
    waited: list[float] = []
    missing: list[str] = []
    for case in cases:
        at = arrived.get(submissions.get(case.request_id, ""), {})
        waited += [(instant - case.submitted_at) * 1000 for instant in at.values()]
        if case.request_id not in submissions:
            missing.append(f"no submit_to_notice_ms of {case.reference}: its request.submitted was not seen")
        elif not at:
            missing.append(f"no submit_to_notice_ms of {case.reference}: no receipt of it arrived")
    return waited, missing
