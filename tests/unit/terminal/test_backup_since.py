"""What the topics hold beyond a backup: what is gone, what follows again, and what the service's own consumers skip."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.terminal.backups import since
from deploy.terminal.backups.own import passed_over
from deploy.terminal.backups.sequences import guards, moved
from deploy.terminal.backups.since import Beyond, read_beyond
from shared.ids import derived_id
from shared.messaging.parked import PARKED, ParkedKey
from shared.messaging.parking import lot_id
from shared.store.said import SAID
from tests.support.raw_records import Raw, example_on
from tests.support.raw_records import raw as raw_record
from tests.unit.terminal.test_backup_sequences import document

POSITIONS, SEARCHES, TEAMS, EXPERTS = (
    "matching.positions",
    "matching.searches",
    "matching.teams",
    "registration.experts",
)
NOW = datetime(2027, 3, 1, tzinfo=UTC)
GROUPS = {"matching.follow-up": [POSITIONS], "matching.requests": ["registration.requests"]}


def evt(topic: str, key: str, sequence: int) -> str:
    return derived_id("evt", topic, key, str(sequence))


def raw(offset: int, topic: str, key: str, sequence: int, *, cause: str | None = None, person: bool = False) -> Raw:
    event = example_on(topic)
    changed = {
        "event_id": evt(topic, key, sequence),
        "aggregate": {**event["aggregate"], "id": key},
        "sequence": sequence,
        "occurred_at": f"2027-03-01T00:00:{offset:02}+00:00",
        "actor": {"kind": "person" if person else "system", "id": "x", "role": "officer"},
        "causation_id": cause,
    }
    return raw_record(topic, event | changed, offset=offset)


RECORDS = [
    raw(0, POSITIONS, "pos_1", 1, cause="evt_tor"),
    raw(1, POSITIONS, "pos_1", 2, person=True),
    raw(2, POSITIONS, "pos_1", 3, cause=evt(POSITIONS, "pos_1", 2)),
    raw(3, POSITIONS, "pos_1", 4, cause="deadline:offer:off_1:respond_by"),
    raw(4, TEAMS, "team_1", 1, cause=evt(POSITIONS, "pos_1", 3)),
    raw(5, SEARCHES, "req_1", 1, cause="evt_request"),
    raw(6, SEARCHES, "req_1", 1, cause="evt_request"),
]


@pytest.fixture
async def beyond(monkeypatch: pytest.MonkeyPatch) -> Beyond:
    async def scanned(_kafka: Any, _names: Any, keep: Any, *, whole: bool) -> list[Any]:
        return [kept for one in RECORDS if (kept := keep(one)) is not None]

    monkeypatch.setattr(since, "scan", scanned)
    return await read_beyond(["kafka:9092"], "matching", {(POSITIONS, "pos_1"): 1})


async def test_what_followed_from_a_lost_command_is_gone_with_it_and_the_rest_follows_again(beyond: Beyond) -> None:
    told = {(one.topic, one.sequence): beyond.again(one) for one in beyond.since}
    assert told == {
        (POSITIONS, 2): False,
        (POSITIONS, 3): False,
        (POSITIONS, 4): True,
        (TEAMS, 1): False,
        (SEARCHES, 1): True,
    }
    said = beyond.said()
    assert {place: [entry["sequence"] for entry in entries] for place, entries in said.items()} == {
        (POSITIONS, "pos_1"): [4],
        (SEARCHES, "req_1"): [1],
    }
    assert json.loads(said[SEARCHES, "req_1"][0]["value"])["event_id"] == evt(SEARCHES, "req_1", 1)


async def test_documents_remember_what_follows_again(beyond: Beyond) -> None:
    before = document("pos_1", sequences={POSITIONS: 1})
    after = moved(before, [POSITIONS], beyond.highest, beyond.said())
    assert [entry["sequence"] for entry in after[SAID]] == [4]
    places, known = [("positions", POSITIONS), ("searches", SEARCHES)], [("positions", "pos_1")]
    made = guards(places, known, beyond.highest, beyond.said(), beyond.cases())
    (guard,) = made["searches"]
    assert [entry["sequence"] for entry in guard[SAID]] == [1]
    (first,) = (one.correlation for one in beyond.since if one.place == (SEARCHES, "req_1"))
    assert (guard["correlation_id"], guard["restored"]) == (first, True), "of its own case, for whoever makes it again"


async def test_only_the_services_own_topics_are_passed_over_up_to_where_they_ended(beyond: Beyond) -> None:
    made = passed_over("matching", GROUPS, beyond, (), NOW)
    id_ = lot_id("matching.follow-up", POSITIONS, "pos_1")
    assert list(made) == [id_]
    assert (made[id_]["keys"]["restored"], made[id_]["keys"]["waiting"]) == (1, 0)
    state = ParkedKey.model_validate(made[id_]["state"])
    assert (state.discarded, state.lost_before) == ((2, 3, 4), 4)
    assert passed_over("registration", {"registration.timeline-position": [POSITIONS]}, beyond, (), NOW) == {}


async def test_what_waits_in_the_lot_goes_on_waiting(beyond: Beyond) -> None:
    first = passed_over("matching", GROUPS, beyond, (), NOW)
    (known,) = first.values()
    known["state"]["redriven"] = 7
    (again,) = passed_over("matching", GROUPS, beyond, [known], NOW).values()
    assert (again["state"]["redriven"], again["state"]["discarded"]) == (7, [2, 3, 4])
    assert again["_id"] == known["_id"]
    assert PARKED.model.model_validate(again["state"])
