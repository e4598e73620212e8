"""What a document holds against what its guard has taken in: guard and effect are one write, and may not be trusted
for each other. A document whose guard has come past an event is judged now, however young; one whose guard has not is
judged by its guard alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.audit.evidence import Evidence, Record, listed
from deploy.audit.expectations import GUARDED, TOLD_BY, Guarded
from deploy.audit.findings import Findings
from shared.contracts import topics
from shared.messaging.event import source_of
from shared.store.document import seen_of

State = dict[str, Any]
Holds = Callable[[State, dict[str, Any], Record], bool]
"""Whether a state holds what an event's content, in its record, must have left there."""


def _of_request(state: State, _: dict[str, Any], record: Record) -> bool:
    return state.get("request_id") == record.key


def _search(state: State, _: dict[str, Any], record: Record) -> bool:
    return bool((state.get("requirement") or {}).get("request_id") == record.key)


def _line(state: State, _: dict[str, Any], record: Record) -> bool:
    return any(entry.get("event_id") == record.event_id for entry in listed(state, "entries"))


def _expected(state: State, data: dict[str, Any], _: Record) -> bool:
    wanted = {position.get("position_id") for position in listed(data, "positions")}
    return {position.get("position_id") for position in listed(state, "expected")} >= wanted


def _member(state: State, data: dict[str, Any], record: Record) -> bool:
    members = {(member.get("position_id"), member.get("expert_id")) for member in listed(state, "members")}
    return (record.key, data.get("expert_id")) in members


def _position(state: State, _: dict[str, Any], record: Record) -> bool:
    return state.get("position_id") == record.key


def _offer(state: State, data: dict[str, Any], _: Record) -> bool:
    return data.get("offer_id") in {offer.get("offer_id") for offer in listed(state, "offers")}


def _mobilised(state: State, *_: object) -> bool:
    return state.get("status") not in (None, "approved")


LEFT: dict[tuple[str, str], dict[str, Holds]] = {
    ("actions", topics.REQUESTS.name): {"request.approved": _of_request},
    ("actions", topics.TERMS_OF_REFERENCE.name): {"tor.finalised": _mobilised},
    ("searches", topics.REQUESTS.name): {"request.submitted": _search},
    ("teams", topics.TERMS_OF_REFERENCE.name): {"tor.finalised": _expected},
    ("teams", topics.POSITIONS.name): {"assignment.accepted": _member},
    ("positions", topics.POSITIONS.name): {"position.opened": _position, "assignment.offered": _offer},
}
"""(collection, topic) -> event type -> what must be left in the document that has taken it in. Timelines have a line of
every event but those that are SILENT."""

SILENT = ("deadline.passed",)
"""`assignment.expired` says the same on the timeline."""


@dataclass(frozen=True, slots=True)
class View:
    """A collection that repeats what a compacted topic said last: its id, and those of `fields` that both have."""

    service: str
    collection: str
    topic: str
    id: str
    fields: tuple[str, ...]


VIEWS = (
    View("matching", "institutions", topics.INSTITUTIONS.name, "institution_id", ("country", "status")),
    View("matching", "roster", topics.EXPERTS.name, "expert_id", ("status", "category", "country_of_work", "barred")),
    View(
        "notifications",
        "contacts",
        topics.CONTACTS.name,
        "contact_id",
        ("kind", "name", "email", "languages", "functions", "institution_id", "countries", "active"),
    ),
)


def judge_states(evidence: Evidence, first: list[Record], findings: Findings) -> None:
    """Add each event that a document has taken in and of which it holds nothing."""
    for guarded in GUARDED:
        _guarded(evidence, guarded, first, findings)
    for view in VIEWS:
        _view(evidence, view, findings)
    _cases(evidence, first, findings)


def _guarded(evidence: Evidence, guarded: Guarded, first: list[Record], findings: Findings) -> None:
    left = LEFT.get((guarded.collection, guarded.topic), {})
    told = guarded.collection == "timelines"
    if not left and not told:
        return
    by_source: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for document in evidence.collection(guarded.service, guarded.collection):
        for source in document["seen"]:
            by_source[source].append(document)
    freed = {r.key for r in first if r.event and r.event["type"] == "assignment.conflict_found"}
    for record in first:
        if record.topic != guarded.topic or record.event is None:
            continue
        kind = record.event["type"]
        holds = _line if told and kind not in SILENT else left.get(kind)
        if holds is None or (kind == "assignment.accepted" and holds is _member and record.key in freed):
            continue
        source = source_of(topics.TOPICS[record.topic], record.key)
        for document in by_source[source]:
            if seen_of(document, source) < record.sequence:
                continue
            if holds(document["state"] or {}, record.event["data"], record):
                continue
            if record.sequence not in evidence.discarded(guarded.group, record.topic, record.key):
                where = f"{guarded.service}.{guarded.collection}/{document['_id']}"
                findings.lost.append(f"{where} has taken in {_named(record)} and holds nothing of it")


def _view(evidence: Evidence, view: View, findings: Findings) -> None:
    said: dict[str, list[Record]] = defaultdict(list)
    for record in evidence.on(view.topic):
        said[record.key].append(record)
    for document in evidence.collection(view.service, view.collection):
        records = said[document["_id"]]
        taken = seen_of(document, source_of(topics.TOPICS[view.topic], document["_id"]))
        last = [record for record in records if record.sequence == taken]
        if taken < 1 or not last or any(_repeats(document["state"], record, records, view) for record in last):
            continue
        where, shown = f"{view.service}.{view.collection}/{document['_id']}", _named(last[0])
        findings.lost.append(f"{where} has taken in {shown} and holds something else, or nothing")


def _repeats(state: State | None, record: Record, records: list[Record], view: View) -> bool:
    gone = not state or bool(state.get("erased"))
    if record.event is None:
        return gone
    if gone or state is None:  # an erasure need not bear a number, and then advances no guard
        return any(later.event is None for later in records[records.index(record) + 1 :])
    data = record.event["data"]
    same_id = view.id not in data or state.get(view.id) == data[view.id]
    return same_id and all(state[name] == data[name] for name in view.fields if name in data and name in state)


def _cases(evidence: Evidence, first: list[Record], findings: Findings) -> None:
    """Whom a request has named is remembered, without a guard: judged by how far its consumers have come."""
    parked, group = evidence.parked_keys(), TOLD_BY[topics.REQUESTS.name]
    known = {document["_id"]: document["state"] or {} for document in evidence.collection("notifications", "cases")}
    for record in first:
        if record.topic != topics.REQUESTS.name or not record.event or record.event["type"] != "request.submitted":
            continue
        state, data = known.get(record.key, {}), record.event["data"]
        names = ("institution_id", "focal_point_id", "signatory_id")
        if state and all(state.get(name) == data[name] for name in names if name in data):
            continue
        if record.sequence in evidence.discarded(group, record.topic, record.key):
            continue
        due = evidence.reached(group, record) and (group, record.topic, record.key) not in parked
        kind = findings.lost if due else findings.pending
        kind.append(f"notifications.cases does not know whom {_named(record)} has named")


def _named(record: Record) -> str:
    return f"{record.event['type'] if record.event else 'the erasure'} {record.key} #{record.sequence}"
