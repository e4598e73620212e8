"""The way of a case: causes, waits, each event once, and all that is still open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from deploy.audit.deliveries import ON_ITS_WAY
from deploy.terminal.looks.way import DONE, Case, Said, Step, way
from services.notifications.domain.delivery import State
from shared.contracts.topics import CALENDARS, POSITIONS, REQUESTS, SEARCHES
from shared.store.document import to_ms

START = datetime(2030, 1, 7, 9, tzinfo=UTC)
NOW = START + timedelta(minutes=10)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def said(
    topic: str,
    type_: str,
    sequence: int,
    at: float,
    *,
    cause: str = "",
    role: str = "system",
    published: float | None = None,
    offset: int = 0,
) -> Said:
    event = {
        "type": type_,
        "occurred_at": after(at).isoformat(),
        "causation_id": cause or None,
        "actor": {"role": role},
    }
    when = after(at if published is None else published)
    return Said(topic, 0, offset, f"{topic}-1", f"evt_{type_}", sequence, when, event)


SUBMITTED = said(REQUESTS.name, "request.submitted", 1, 0, role="institution")
MATCHED = said(SEARCHES.name, "match.completed", 1, 2, cause="evt_request.submitted")
OFFERED = said(POSITIONS.name, "assignment.offered", 1, 5, cause="evt_match.completed")
EXPIRED = said(POSITIONS.name, "assignment.expired", 2, 65, cause="deadline:respond_by", offset=1)


def told(steps: list[Step]) -> list[tuple[str, str, float | None, str]]:
    return [(s.service, s.what, None if s.waited is None else s.waited.total_seconds(), s.after) for s in steps]


def delivery(state: str, **more: Any) -> dict[str, Any]:
    kept = {"event_id": "evt_match.completed", "type": "list_ready", "channel": "mail", "state": state}
    return {"created_at": to_ms(after(2.5)), "state": {**kept, "sent_at": None, "failure": None, **more}}


def test_each_event_comes_once_in_time_order_with_what_it_waited_for() -> None:
    again = said(SEARCHES.name, "match.completed", 1, 2, cause="evt_request.submitted", offset=9, published=400)
    approved = said(REQUESTS.name, "request.approved", 2, 30, role="officer", offset=1)
    case = Case("cor", said=[again, EXPIRED, approved, OFFERED, MATCHED, SUBMITTED])
    assert told(way(case, NOW)) == [
        ("registration", "request.submitted #1", None, "the institution"),
        ("matching", "match.completed #1", 2, "request.submitted"),
        ("matching", "assignment.offered #1", 3, "match.completed"),
        ("registration", "request.approved #2", 30, "the officer"),
        ("matching", "assignment.expired #2", 60, "the deadline respond_by"),
    ]


def test_an_outbox_that_held_something_back_and_a_record_that_cannot_be_read_are_shown() -> None:
    late = said(SEARCHES.name, "match.completed", 1, 2, cause="evt_request.submitted", published=62)
    spoilt = Said(REQUESTS.name, 0, 1, "req", "evt_x", 2, after(70), None, "bad JSON")
    assert told(way(Case("cor", said=[SUBMITTED, late, spoilt]), NOW))[2:] == [
        ("kafka", "match.completed #1 published", 60, "outbox"),
        ("registration", "a record that cannot be read #2", 68, "somebody"),
    ]


def test_notices_are_gathered_per_event_and_channel() -> None:
    done = [delivery("sent", sent_at=after(n).isoformat()) for n in (3, 4)]
    failing = delivery("failed", failure="550 no such mailbox")
    case = Case("cor", said=[SUBMITTED, MATCHED], deliveries=[*done, failing, delivery("queued")])
    steps = way(case, NOW)
    assert told(steps)[2:] == [
        ("notifications", "2 notices list_ready by mail", 2, "match.completed"),
        ("notifications", "1 notice list_ready by mail: failed", 597.5, "550 no such mailbox"),
        ("notifications", "1 notice list_ready by mail: queued", 597.5, "match.completed"),
    ]
    assert [step.open for step in steps] == [False, False, False, True, True]


def test_a_notice_that_was_released_to_those_who_hold_its_function_is_done_and_told_nobody() -> None:
    gone = {**delivery("released"), "updated_at": to_ms(after(120))}
    taken = delivery("sent", sent_at=after(121).isoformat())
    steps = way(Case("cor", said=[SUBMITTED, MATCHED], deliveries=[gone, taken]), NOW)
    assert told(steps)[2:] == [
        ("notifications", "1 notice list_ready by mail: released", 118, "match.completed"),
        ("notifications", "1 notice list_ready by mail", 119, "match.completed"),
    ]
    assert not any(step.open for step in steps)


def test_every_state_of_a_notice_is_done_or_still_open() -> None:
    """A failed one waits for an officer, who may have it tried again."""
    assert sorted([*DONE, *ON_ITS_WAY, State.FAILED]) == sorted(State)


def document(id_: str, at: float, **more: Any) -> dict[str, Any]:
    return {"_id": id_, "correlation_id": "cor", "updated_at": to_ms(after(at)), **more}


def unpublished(topic: str, key: str, type_: str, sequence: int, correlation: str = "cor") -> dict[str, Any]:
    headers = {"type": type_, "correlation_id": correlation}
    return {"since": to_ms(after(6)), "topic": topic, "key": key, "sequence": sequence, "headers": headers}


def held(offer_id: str, until: float, correlation: str | None, state: str = "offered") -> dict[str, Any]:
    said = {} if correlation is None else {"correlation_id": correlation}
    return {"offer_id": offer_id, "state": state, "expires_at": after(until).isoformat(), **said}


def test_what_waits_in_a_calendar_is_open_in_the_case_that_asked_and_in_no_other() -> None:
    """`cor` began it, `cor_2` asked later, and `cor_3` has its answer."""
    holds = [held("off_1", 3600, "cor"), held("off_2", 7200, "cor_2"), held("off_3", 60, "cor_3", "accepted")]
    outbox = [unpublished(CALENDARS.name, "exp_1", "availability.held", 2, "cor_2")]
    kept = {"outbox": outbox, "deadlines": {"holds": to_ms(after(3600))}, "state": {"holds": holds}}
    calendar = document("exp_1", 5, **kept)

    def waits(correlation: str) -> list[str]:
        return [step.what for step in way(Case(correlation, documents={CALENDARS.name: [calendar]}), NOW)]

    assert waits("cor") == ["deadline hold:off_1 comes at 2030-01-07 10:00:00"]
    assert waits("cor_2") == [
        "deadline hold:off_2 comes at 2030-01-07 11:00:00",
        "availability.held #2 not published",
    ]
    assert waits("cor_3") == []


def test_days_of_a_hold_that_does_not_say_its_case_wait_in_that_of_the_calendar() -> None:
    calendar = document("exp_1", 5, state={"holds": [held("off_1", 3600, None)]})
    for correlation, open_ in (("cor", 1), ("cor_2", 0)):
        assert len(way(Case(correlation, documents={CALENDARS.name: [calendar]}), NOW)) == open_
    guard = document("exp_2", 5, state=None)
    assert way(Case("cor", documents={CALENDARS.name: [guard]}), NOW) == []


def test_all_that_is_still_open_is_told() -> None:
    position = document("pos_1", 6, outbox=[unpublished(POSITIONS.name, "pos_1", "x", 3)])
    due = document("pos_2", 7, deadlines={"respond_by": to_ms(after(3600))})
    late = document("pos_3", 8, deadlines={"respond_by": to_ms(after(60))})
    waiting = {"reason": "permanent", "parked_at": after(9).isoformat()}
    mine = {**waiting, "headers": [["correlation_id", {"text": "cor"}]]}
    other = {**waiting, "headers": [["correlation_id", {"text": "another"}]]}
    state = {"group": "matching.requests", "topic": REQUESTS.name, "key": "req_1", "events": [mine, other]}
    case = Case(
        "cor",
        said=[SUBMITTED],
        documents={"matching.positions": [position, due, late]},
        parked=[{"_id": "parked_1", "state": state}],
        groups={"matching.requests": REQUESTS.name, "notifications.requests": REQUESTS.name},
        committed={"notifications.requests": {(REQUESTS.name, 0): 1}},
    )
    steps = way(case, NOW)
    assert all(step.open for step in steps[1:])
    assert told(steps)[1:] == [
        ("matching", "request.submitted #1 not consumed", 600, "matching.requests"),
        ("matching", "x #3 not published", 594, "Kafka"),
        ("matching", "deadline respond_by comes at 2030-01-07 10:00:00", 593, "time"),
        ("matching", "deadline respond_by is late since 2030-01-07 09:01:00", 592, "time"),
        ("matching", "parked: permanent", 591, "an operator"),
    ]
    assert steps[-1].about == "parked parked_1"
    assert {step.about for step in steps if "deadline" in step.what} == {"position pos_2", "position pos_3"}
