"""From what the auditor found to a verdict: each kind of fault by itself, and a run that did too little is no pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from deploy.audit import Evidence, Findings
from tests.chaos.plan import Plan
from tests.support.copies import Kill, unexplained

FAULTS = (
    "lost",
    "duplicated",
    "out_of_order",
    "offers_at_once",
    "holds_left",
    "notices_missing",
    "notices_double",
    "unfinished",
    "republished",
    "mail_repeats",
    "foreign",
)
WHOLE_SHARE = 0.8
"""Of the cases, at least so many must have come to a complete team; the others found nobody who could or would."""

MOST_SECONDS = 1_500.0
"""A run ends within 25 minutes."""

GOAL = {"kills_of_services": 200, "kills_of_servers": 20, "completed": 100}
"""What all runs together must reach."""

_MISSING = (" told by ", "is marked sent and no mail", " failed")
_DOUBLE = ("different mails for",)


def sorted_faults(
    findings: Findings,
    told_wrong: Iterable[str] = (),
    kills: Sequence[Kill] = (),
    arrived: Mapping[str, Sequence[int]] | None = None,
) -> dict[str, list[str]]:
    """Every finding of the auditor under the name of its fault, but for copies that these kills explain; `told_wrong`
    are receipts that went astray, `arrived` says when each mail came. No operator is at work: what one would have
    discarded is lost."""
    faults: dict[str, list[str]] = {kind: [] for kind in FAULTS}
    for said in (*findings.lost, *findings.discarded):
        missing = any(part in said for part in _MISSING)
        faults["notices_missing" if missing else "lost"].append(said)
    for said in findings.duplicates:
        if ": a second offer while " in said:
            faults["offers_at_once"].append(said)
        elif said.startswith("delivery ") or any(part in said for part in _DOUBLE):
            faults["notices_double"].append(said)
        else:
            faults["duplicated"].append(said)
    faults["out_of_order"] += findings.out_of_order
    faults["holds_left"] += findings.holds_left
    faults["unfinished"] += findings.pending
    faults["notices_missing"] += (*findings.undeliverable, *told_wrong)
    faults["foreign"] += (*findings.foreign, *findings.unreadable)
    for kind, copies in unexplained(findings, kills, arrived).items():
        faults[kind] += copies
    return faults


def teams_complete(evidence: Evidence) -> set[str]:
    """Requests whose team is announced as complete."""
    events = (record.event for record in evidence.on("matching.teams") if record.event)
    return {event["data"]["request_id"] for event in events if event["type"] == "team.complete"}


def too_little(plan: Plan, report: Mapping[str, Any]) -> list[str]:
    """In words, what a run did not do of what it was to do."""
    cases, kills = report["cases"], report["kills"]
    wrong = []
    if cases["completed"] + cases["nobody_left"] < plan.requests:
        wrong.append(f"{cases['completed']} + {cases['nobody_left']} of {plan.requests} cases came to an end")
    if cases["completed"] < plan.requests * WHOLE_SHARE:
        wrong.append(f"{cases['completed']} of {plan.requests} cases came to a complete team")
    for kind, wanted in (("services", plan.kills), ("servers", plan.server_kills)):
        if (fallen := sum(kills[kind].values())) < wanted:
            wrong.append(f"{fallen} of {wanted} kills of {kind} fell")
    return wrong


def verdict(plan: Plan, report: Mapping[str, Any]) -> list[str]:
    """Why the run is no pass; empty where it is one."""
    wrong = [f"{n} {kind}" for kind, n in report["faults"].items() if n]
    return wrong + list(report["wrong"]) + too_little(plan, report) + _too_long(report)


def _too_long(report: Mapping[str, Any]) -> list[str]:
    taken = report["seconds"]["all"]
    return [f"it took {taken:g} s, more than {MOST_SECONDS:g}"] if taken > MOST_SECONDS else []


def total(reports: Iterable[Mapping[str, Any]]) -> tuple[dict[str, int], list[str]]:
    """The figures of several runs together, and what they lack of the goal. A run that is no pass, took too long, was
    not judged by every kind of fault, was of other code than the first, or has the seed of one before it counts for
    nothing and is named."""
    sums, lacks = dict.fromkeys((*GOAL, *FAULTS), 0), []
    seen: set[int] = set()
    reports = list(reports)
    for report in reports:
        seed, again = report["seed"], report["seed"] in seen
        seen.add(seed)
        if again:
            lacks.append(f"seed {seed} is given more than once")
            continue
        if not report["ok"]:
            lacks.append(f"seed {seed} is no pass")
            continue
        if unjudged := [kind for kind in FAULTS if kind not in report["faults"]]:
            lacks.append(f"seed {seed} was not judged by {', '.join(unjudged)}")
            continue
        if (code := report.get("code")) is None:
            lacks.append(f"seed {seed} does not say of which code it was")
            continue
        if code != (first := reports[0].get("code")):
            lacks.append(f"seed {seed} was of other code ({code}) than the first ({first})")
            continue
        if slow := _too_long(report):
            lacks += [f"seed {seed}: {said}" for said in slow]
            continue
        sums["kills_of_services"] += sum(report["kills"]["services"].values())
        sums["kills_of_servers"] += sum(report["kills"]["servers"].values())
        sums["completed"] += report["cases"]["completed"]
        for kind in FAULTS:
            sums[kind] += report["faults"][kind]
    lacks += [
        f"{sums[name]} of {wanted} {name.replace('_', ' ')}" for name, wanted in GOAL.items() if sums[name] < wanted
    ]
    return sums, lacks
