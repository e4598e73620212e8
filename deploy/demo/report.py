"""The end of the story: three tables, and the figures in build/demo-report.json."""

from __future__ import annotations

import json
import statistics
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.audit import Findings
from deploy.demo.interfaces import Interfaces, Person
from deploy.demo.office import OFFICER, Case, Office
from deploy.demo.story import Outcome
from deploy.demo.telling import Teller


def figures(
    cases: list[Case], experts: int, outcome: Outcome, findings: Findings, deliveries: list[dict[str, Any]],
    latencies_ms: list[float], seconds: float,
) -> dict[str, Any]:  # fmt: skip
    """The report as it is written."""
    sent = _sent(deliveries)
    by_type = Counter(d["type"] for d in sent)
    return {
        "requests": len(cases),
        "experts": experts,
        "positions": sum(len(case.example["action"]["positions"]) for case in cases),
        "offers": {name: outcome.offers[name] for name in ("made", "accepted", "declined", "expired")},
        "teams_complete": len(outcome.teams),
        "notifications": {
            "sent": len(sent),
            "by_channel": channels(deliveries),
            "by_type": dict(sorted(by_type.items())),
        },
        "events": findings.events,
        "lost": len(findings.lost) + len(findings.pending),
        "duplicates": len(findings.duplicates),
        "out_of_order": len(findings.out_of_order),
        "republished": len(findings.republished),
        "mail_repeats": len(findings.mail_repeats),
        "submit_to_notice_ms": {"p50": percentile(latencies_ms, 50), "p99": percentile(latencies_ms, 99)},
        "seconds": round(seconds, 1),
    }


def channels(deliveries: list[dict[str, Any]]) -> dict[str, int]:
    """How many notices went out, by channel: one fact told to one person is a mail and an entry of the inbox."""
    return dict(sorted(Counter(d["channel"] for d in _sent(deliveries)).items()))


def _sent(deliveries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [d for d in deliveries if d["state"] in ("sent", "delivered", "opened")]


def notices(by_channel: Mapping[str, int]) -> str:
    """The same in words."""
    mails, inboxes = by_channel.get("mail", 0), by_channel.get("inbox", 0)
    return f"{sum(by_channel.values())} notices: {mails} by mail, {inboxes} in inboxes"


def closing(figures: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The figures as they are told at the end, under their names in the report."""
    offers, waited = figures["offers"], figures["submit_to_notice_ms"]
    worded = {
        "offers": ", ".join(f"{n} {name}" for name, n in offers.items()),
        "notifications": notices(figures["notifications"]["by_channel"]),
        "submit_to_notice_ms": ", ".join(f"{name} {ms}" for name, ms in waited.items()),
    }
    return [(name, worded.get(name, str(value))) for name, value in figures.items()]


def percentile(values: Sequence[float], percent: int, *, digits: int = 1) -> float | None:
    """The value that `percent` of all values do not exceed, rounded; None where there is none."""
    if len(values) < 2:
        return round(values[0], digits) if values else None
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], digits)


def write(path: Path, report: dict[str, Any]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n")


async def tables(api: Interfaces, teller: Teller, cases: list[Case], outcome: Outcome, office: Office) -> None:
    """The three cases; why one expert; what one requester saw."""
    teams = {team["request_id"]: team for team in outcome.teams}
    rows = []
    for case in cases:
        team = teams[case.request_id]
        members = ", ".join(
            office.name_of(m["expert_id"]) + (" (principal)" if m["is_principal"] else "") for m in team["members"]
        )
        rows.append((case.reference, case.country, case.action_code, case.example["action"]["title"], members))
    teller.table("Three cases, three complete teams", ("request", "country", "action", "title", "experts"), rows)
    await _why(api, teller, outcome, office)
    await _timeline(api, teller, cases[1])


async def _why(api: Interfaces, teller: Teller, outcome: Outcome, office: Office) -> None:
    offer_id, expert_id = outcome.accepted[0]
    expert = Person("expert", expert_id, expert_id=expert_id)
    found = await api.get(expert, "matching", f"/offers/{offer_id}/explanation")
    rows = []
    for part in found["parts"]:
        evidence = part["evidence"][0] if part["evidence"] else {"asked": "", "held": ""}
        points = f"{part['points'] / 1000:.1f} of {part['of'] / 1000:.0f}"
        rows.append((part["part"], points, _short(evidence["asked"]), _short(evidence["held"])))
    teller.table(
        f"Why me? What {office.name_of(expert_id)} is shown (no rank)",
        ("part", "points", "asked", "in the profile"),
        rows,
    )


def _short(text: str) -> str:
    return textwrap.shorten(text, 60, placeholder=" …")


async def _timeline(api: Interfaces, teller: Teller, case: Case) -> None:
    found = await api.get(case.focal_point, "registration", f"/requests/{case.request_id}/timeline")
    rows = [(entry["at"][:10], entry["sentence"]) for entry in found["items"]]
    teller.table(f"What the requester of {case.reference} sees (no time of day)", ("day", "what happened"), rows)


async def deliveries(api: Interfaces) -> list[dict[str, Any]]:
    """Every delivery, as an officer sees it."""
    return await api.all_of(OFFICER, "notifications", "/deliveries")
