"""What operators took out for good, and what there is of it nevertheless: what an attempt did before it failed stands,
and so does what another copy of the event did (decision 2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy.audit.evidence import Evidence, Record, listed
from deploy.audit.expectations import FOLLOWED, GUARDED, TOLD_BY
from deploy.audit.findings import Findings
from deploy.services import SERVICES

TIMELINES = {guarded.group for guarded in GUARDED if guarded.collection == "timelines"}


def judge_discarded(evidence: Evidence, first: list[Record], findings: Findings) -> None:
    """Add each discarded event with its reason, and with those of its effects that can only be its own: what was
    announced because of it, a line of a timeline, notices. A guard says nothing: it passes over what was discarded."""
    records = {(record.topic, record.key, record.sequence): record for record in first}
    for service in SERVICES:
        for document in evidence.collection(service, "parked"):
            state = document["state"] or {}
            for act in state.get("acts", ()):
                if act["what"] == "discard":
                    record = records.get((state["topic"], state["key"], act["sequence"]))
                    stands = list(_effects(evidence, first, state["group"], record)) if record else []
                    findings.discarded.append(
                        f"{state['group']} will never handle {state['topic']}/{state['key']} #{act['sequence']}: "
                        f"{act['reason']} ({act['who']})" + (f"; of it there is: {', '.join(stands)}" if stands else "")
                    )


def _effects(evidence: Evidence, first: list[Record], group: str, record: Record) -> Iterator[str]:
    cause = (record.event or {}).get("type")
    types = {type_ for rule in FOLLOWED if (rule.cause, rule.group) == (cause, group) for type_ in rule.types}
    for event in (other.event or {} for other in first):
        if event.get("causation_id") == record.event_id and event["type"] in types:
            yield f"{event['type']} {event['aggregate']['id']} #{event['sequence']}"
    if group in TIMELINES:
        for document in evidence.collection("registration", "timelines"):
            if any(line.get("event_id") == record.event_id for line in listed(document["state"] or {}, "entries")):
                yield f"a line of timeline {document['_id']}"
    if TOLD_BY.get(record.topic) == group:
        states: list[dict[str, Any]] = [d["state"] or {} for d in evidence.collection("notifications", "deliveries")]
        if notices := sum(state.get("event_id") == record.event_id for state in states):
            yield f"{notices} notice{'s' if notices != 1 else ''}"
