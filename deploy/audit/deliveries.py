"""Who was told: every event that must be told has its deliveries, to all who were certainly due to be told, each
delivery its mail, and none of them twice."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from deploy.audit.addresses import judge_addresses, judge_experts_told
from deploy.audit.evidence import Evidence, Record, known_events
from deploy.audit.expectations import CHANNELS, TOLD, TOLD_BY
from deploy.audit.findings import Findings
from deploy.audit.people import Due, due_of

SENT, ON_ITS_WAY = ("sent", "delivered", "opened"), ("waiting", "queued")
RELEASED = "released"
"""It waited for a function and tells nobody any more: those who hold it have deliveries of their own."""


def judge_deliveries(evidence: Evidence, first: list[Record], findings: Findings, *, with_mail: bool) -> None:
    """Add what is wrong with deliveries and mails to the findings."""
    deliveries = [d for d in evidence.collection("notifications", "deliveries") if d["state"] is not None]
    by_event: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in deliveries:
        by_event[document["state"]["event_id"]].append(document)
    findings.effects += len(deliveries)
    _each_event_told(evidence, first, by_event, findings)
    places = Counter(_place(d["state"]) for d in deliveries)
    findings.duplicates += [f"delivery {place} exists {n} times" for place, n in places.items() if n > 1]
    events = known_events(evidence, first)
    findings.lost += [
        f"delivery {d['_id']} tells of {d['state']['event_id']}, which is on no topic"
        for d in deliveries
        if d["state"]["event_id"] not in events
    ]
    findings.pending += [
        f"delivery {d['_id']} is {d['state']['state']}" for d in deliveries if d["state"]["state"] in ON_ITS_WAY
    ]
    undeliverable = [f"delivery {d['_id']} failed" for d in deliveries if d["state"]["state"] == "failed"]
    if evidence.progress is None:
        findings.lost += undeliverable
    else:  # at work an address may be dead: shown in the list of notices, and alerted on, but nothing of ours is lost
        findings.undeliverable += undeliverable
    judge_experts_told(evidence, first, deliveries, findings)
    if with_mail:
        _mails(evidence, deliveries, findings)
        judge_addresses(evidence, deliveries, findings)


def _place(state: dict[str, Any]) -> tuple[str, str, str]:
    return (state["event_id"], state["recipient"], state["channel"])


def _each_event_told(
    evidence: Evidence, first: list[Record], by_event: dict[str, list[dict[str, Any]]], findings: Findings
) -> None:
    parked, people_due = evidence.parked_keys(), due_of(evidence, first)
    for record in first:
        if not record.event or record.event["type"] not in TOLD or record.event.get("restated"):
            continue
        group = TOLD_BY[record.topic]
        if record.sequence in evidence.discarded(group, record.topic, record.key):
            continue
        due = evidence.reached(group, record) and (group, record.topic, record.key) not in parked
        kind = findings.lost if due else findings.pending
        named = f"{record.event['type']} {record.event_id}"
        for channel in CHANNELS:
            told = {d["state"]["recipient"] for d in by_event[record.event_id] if _tells(d["state"], channel)}
            if not told:
                kind.append(f"{named}: nobody told by {channel}")
                continue
            kind += [f"{named}: {who} not told by {channel}" for who in _missing(people_due(record), told)]


def _tells(state: dict[str, Any], channel: str) -> bool:
    return bool(state["channel"] == channel and state["state"] != RELEASED)


def _missing(due: Due, told: set[str]) -> list[str]:
    """Those who have no delivery, and none that waits for their function (which is `pending` as it is)."""
    return sorted(who for who, function in due.items() if not told & {who, function})


def _mails(evidence: Evidence, deliveries: list[dict[str, Any]], findings: Findings) -> None:
    by_delivery: Counter[str] = Counter(mail.message_id.strip("<>").partition("@")[0] for mail in evidence.mails)
    ids = {d["_id"] for d in deliveries}
    for document in deliveries:
        copies = by_delivery[document["_id"]]
        if document["state"]["channel"] == "mail" and document["state"]["state"] in SENT and not copies:
            findings.lost.append(f"delivery {document['_id']} is marked sent and no mail of it arrived")
        if copies > 1:
            findings.mail_repeats.append(f"{document['_id']} arrived {copies} times with the same Message-ID")
    findings.lost += [f"mail {id_} belongs to no delivery" for id_ in by_delivery if id_ not in ids]
    letters = Counter((mail.event_id, mail.to) for mail in {m.message_id: m for m in evidence.mails}.values())
    findings.duplicates += [f"{to} had {n} different mails for {event}" for (event, to), n in letters.items() if n > 1]
