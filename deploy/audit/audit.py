"""The auditor: holds what was announced against what was decided, and what was done against what was announced."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from deploy.audit.announcements import judge_announcements
from deploy.audit.consequences import judge_consequences
from deploy.audit.deliveries import judge_deliveries
from deploy.audit.discarded import judge_discarded
from deploy.audit.evidence import Evidence, Record, in_order, known_events
from deploy.audit.expectations import GUARDED
from deploy.audit.findings import Copy, Findings
from deploy.audit.foreign import without_foreign
from deploy.audit.offers import judge_offers
from deploy.audit.reading import located
from deploy.audit.states import judge_states
from deploy.services import SERVICES
from shared.contracts.topics import TOPICS
from shared.messaging.event import source_of
from shared.store.document import to_ms


def audit(evidence: Evidence, *, now: datetime | None = None, with_mail: bool = True) -> Findings:
    """Judge all of it. Pure: the evidence was read before. In a system at work (`evidence.progress`) what is younger
    than the offsets read at the beginning is `pending` where its decision, effect or consequence is not there yet."""
    findings = Findings()
    now = now or datetime.now(UTC)
    evidence = without_foreign(replace(evidence, records=in_order(evidence.records)), findings)
    first = _first_occurrences(evidence, findings)
    findings.events = len(first)
    judge_announcements(evidence, first, findings, now)
    _guards(evidence, first, findings)
    judge_states(evidence, first, findings)
    judge_consequences(evidence, first, findings)
    _order_of_effects(first, findings)
    _offers(first, findings)
    judge_offers(evidence, first, findings, now)
    _actions(evidence, findings)
    _timelines(evidence, first, findings)
    _parked(evidence, findings)
    judge_discarded(evidence, first, findings)
    judge_deliveries(evidence, first, findings, with_mail=with_mail)
    return findings


def _first_occurrences(evidence: Evidence, findings: Findings) -> list[Record]:
    """Each event once; later copies are `republished`; first copies that go back or jump are `out_of_order`.

    What its consumers would park is `unreadable`. It stands for an event only where its headers say so, that event was
    decided and nothing else on the topic is it: a producer's fault is no loss besides, and a stranger's no event."""
    issued = evidence.issued()
    readable = {(r.topic, r.key, r.sequence) for r in evidence.records if not r.unreadable}
    seen: dict[tuple[str, str, int], Record] = {}
    last: dict[tuple[str, str], int] = {}
    first: list[Record] = []
    for record in evidence.records:
        place, key = (record.topic, record.key, record.sequence), (record.topic, record.key)
        if record.unreadable:
            findings.unreadable.append(located(record.topic, record.partition, record.offset, record.unreadable))
            if place in readable or record.sequence > issued.get(key, 0):
                continue
        if record.event is None and record.sequence < 1:
            continue  # not an event
        if place in seen:
            before, named = seen[place], f"{record.topic}/{record.key} #{record.sequence}"
            if record.event != before.event:
                findings.duplicates.append(f"{named}: two records that differ")
            announced = _announced(before)
            findings.republished.append(
                Copy(record.topic, named, record.offset, announced, before.published, record.published)
            )
            seen[place] = record
            continue
        seen[place] = record
        first.append(record)
        newest = last.get(key, 0)
        if record.sequence < newest:
            findings.out_of_order.append(f"{record.topic}/{record.key}: #{record.sequence} first came after #{newest}")
        last[key] = max(newest, record.sequence)
    return first


def _announced(record: Record) -> int:
    said = record.event.get("occurred_at") if record.event else None
    return to_ms(datetime.fromisoformat(said)) if said else 0


def _guards(evidence: Evidence, first: list[Record], findings: Findings) -> None:
    """Each event must have been taken in by every document that is guarded against its repetition."""
    parked = evidence.parked_keys()
    for guarded in GUARDED:
        last: dict[str, int] = {}
        due: dict[str, int] = {}
        for record in first:
            if record.topic == guarded.topic:
                last[record.key] = max(record.sequence, last.get(record.key, 0))
                if evidence.reached(guarded.group, record):
                    due[record.key] = max(record.sequence, due.get(record.key, 0))
        seen: dict[str, int] = {}
        for document in evidence.collection(guarded.service, guarded.collection):
            for source, entry in document["seen"].items():
                seen[source] = max(entry[0], seen.get(source, 0))
        for key, sequence in last.items():
            taken = seen.get(source_of(TOPICS[guarded.topic], key), 0)
            findings.effects += taken
            gone = evidence.discarded(guarded.group, guarded.topic, key) if taken < sequence else set()
            if any(missing not in gone for missing in range(taken + 1, sequence + 1)):
                on_its_way = taken >= due.get(key, 0) or (guarded.group, guarded.topic, key) in parked
                where = f"{guarded.service}.{guarded.collection}"
                kind = findings.pending if on_its_way else findings.lost
                kind.append(f"{where} has taken in {guarded.topic}/{key} up to #{taken} of {sequence}")


def _order_of_effects(first: list[Record], findings: Findings) -> None:
    """What one aggregate did because of another must come in the order in which the other spoke."""
    by_id = {record.event_id: record for record in first}
    reached: dict[tuple[str, str, str, str], int] = {}
    for record in sorted(first, key=lambda r: (r.topic, r.key, r.sequence)):
        cause = by_id.get((record.event or {}).get("causation_id") or "")
        if cause is None:
            continue
        path = (record.topic, record.key, cause.topic, cause.key)
        if cause.sequence < reached.get(path, 0):
            findings.out_of_order.append(
                f"{record.topic}/{record.key} #{record.sequence} acted on {cause.topic}/{cause.key} #{cause.sequence} "
                f"after it had acted on #{reached[path]}"
            )
        reached[path] = max(cause.sequence, reached.get(path, 0))


def _offers(first: list[Record], findings: Findings) -> None:
    """One binding offer per position at a time; nobody is offered the same position twice; one completion a team."""
    positions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    teams: Counter[str] = Counter()
    for record in sorted(first, key=lambda r: (r.topic, r.key, r.sequence)):
        if record.topic == "matching.positions" and record.event:
            positions[record.key].append(record.event)
        if record.event and record.event["type"] == "team.complete":
            teams[record.event["data"]["activity_id"]] += 1
    for position, events in positions.items():
        open_: str | None = None
        asked: Counter[str] = Counter()
        for event in events:
            if event["type"] == "assignment.offered":
                if open_ is not None:
                    findings.duplicates.append(f"{position}: a second offer while {open_} was open")
                open_ = event["data"]["offer_id"]
                asked[event["data"]["expert_id"]] += 1
            elif event["type"] in ("assignment.accepted", "assignment.declined", "assignment.expired"):
                if event["data"]["offer_id"] != open_:
                    findings.duplicates.append(f"{position}: {event['type']} for {event['data']['offer_id']}, not open")
                open_ = None
        findings.duplicates += [f"{position}: {who} was offered it {n} times" for who, n in asked.items() if n > 1]
    findings.duplicates += [f"team of {activity} was complete {n} times" for activity, n in teams.items() if n > 1]


def _actions(evidence: Evidence, findings: Findings) -> None:
    """An approved request has one action."""
    states = (document["state"] or {} for document in evidence.collection("registration", "actions"))
    actions = Counter(state["request_id"] for state in states if state.get("request_id"))
    findings.duplicates += [f"request {request} has {n} actions" for request, n in actions.items() if n > 1]


def _timelines(evidence: Evidence, first: list[Record], findings: Findings) -> None:
    """A line of a timeline is an effect that nobody announces: each event makes at most one, and only a known one."""
    known = known_events(evidence, first)
    for document in evidence.collection("registration", "timelines"):
        lines = Counter(entry["event_id"] for entry in (document["state"] or {}).get("entries", ()))
        findings.duplicates += [
            f"timeline {document['_id']} tells {id_} {n} times" for id_, n in lines.items() if n > 1
        ]
        findings.lost += [
            f"timeline {document['_id']} tells of {id_}, which is on no topic" for id_ in lines if id_ not in known
        ]


def _parked(evidence: Evidence, findings: Findings) -> None:
    """A parked event waits for an operator: visible and not lost, but the system is not done."""
    for service in SERVICES:
        for document in evidence.collection(service, "parked"):
            waiting = (document["state"] or {}).get("events", ())
            if waiting:
                findings.pending.append(
                    f"{service} has parked {len(waiting)} events as {document['_id']}: {waiting[0]['error']}"
                )
