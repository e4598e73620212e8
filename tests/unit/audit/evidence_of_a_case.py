"""A small sound world for the auditor: one request, followed through the three services. Sample data."""

from __future__ import annotations

from typing import Any

from deploy.audit import Evidence, Mail, Record

REQUEST, SEARCH = "req_1", "req_1"


def event(type_: str, aggregate: str, id_: str, sequence: int, cause: str | None = None, **data: Any) -> dict[str, Any]:
    """An envelope with the fields the auditor reads."""
    return {
        "event_id": f"evt_{aggregate}_{id_}_{sequence}",
        "type": type_,
        "version": 1,
        "aggregate": {"type": aggregate, "id": id_},
        "sequence": sequence,
        "causation_id": cause,
        "data": data,
    }


def record(topic: str, offset: int, content: dict[str, Any]) -> Record:
    """The event as it lies on its topic."""
    return Record(topic, 0, offset, content["aggregate"]["id"], content, content["sequence"], content["event_id"])


def document(
    id_: str, *, seen: dict[str, int] | None = None, sequences: dict[str, int] | None = None, **state: Any
) -> Any:
    """A stored document with the fields the auditor reads."""
    return {
        "_id": id_,
        "state": state or {"some": "state"},
        "seen": {source: [n, 0] for source, n in (seen or {}).items()},
        "sequences": sequences or {},
        "outbox": [],
    }


def delivery(number: int, event_id: str, channel: str, state: str) -> Any:
    """One delivery of the event to the sample officer."""
    return document(f"dlv_{number}", event_id=event_id, recipient="officer", channel=channel, state=state)


def sound() -> Evidence:
    """Submitted, listed, told; then approved and turned into an action with draft terms, and told."""
    submitted = event("request.submitted", "request", REQUEST, 1)
    approved = event("request.approved", "request", REQUEST, 2)
    listed = event("match.completed", "search", SEARCH, 1, submitted["event_id"])
    created = event("action.created", "action", "act_1", 1, approved["event_id"])
    drafted = event("tor.drafted", "terms_of_reference", "tor_1", 1, approved["event_id"])
    told = [submitted, approved, listed]
    return Evidence(
        records=[
            record("matching.searches", 0, listed),
            record("registration.actions", 0, created),
            record("registration.requests", 0, submitted),
            record("registration.requests", 1, approved),
            record("registration.terms_of_reference", 0, drafted),
        ],
        documents={
            "registration": {
                "requests": [document(REQUEST, sequences={"registration.requests": 2})],
                "actions": [
                    document(
                        "act_1",
                        seen={f"registration-requests/{REQUEST}": 2, "registration-terms_of_reference/tor_1": 1},
                        sequences={"registration.actions": 1},
                        request_id=REQUEST,
                    )
                ],
                "terms_of_reference": [document("tor_1", sequences={"registration.terms_of_reference": 1})],
                "timelines": [
                    document(
                        REQUEST,
                        seen={
                            f"registration-requests/{REQUEST}": 2,
                            "registration-actions/act_1": 1,
                            "registration-terms_of_reference/tor_1": 1,
                        },
                        entries=[{"event_id": e["event_id"]} for e in (submitted, approved, created, drafted)],
                    )
                ],
            },
            "matching": {
                "searches": [
                    document(
                        SEARCH,
                        seen={f"registration-requests/{REQUEST}": 2},
                        sequences={"matching.searches": 1},
                        requirement={"request_id": REQUEST},
                    )
                ],
                "teams": [document("team_1", seen={"registration-terms_of_reference/tor_1": 1})],
            },
            "notifications": {
                "cases": [document(REQUEST, request_id=REQUEST)],
                "told": [
                    document(f"registration-requests/{REQUEST}", seen={f"registration-requests/{REQUEST}": 2}),
                    document(f"matching-searches/{SEARCH}", seen={f"matching-searches/{SEARCH}": 1}),
                ],
                "deliveries": [
                    delivery(2 * n + k, e["event_id"], channel, state)
                    for n, e in enumerate(told)
                    for k, (channel, state) in enumerate((("mail", "sent"), ("inbox", "delivered")))
                ],
            },
        },
        mails=[Mail(f"<dlv_{2 * n}@sample>", e["event_id"], "officer@example.org") for n, e in enumerate(told)],
    )
