"""What the terminal makes of what it finds, where only real servers could show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import pytest
import yaml
from pymongo.errors import OperationFailure, ServerSelectionTimeoutError

from deploy.terminal.commands.status import LAGGING, Standing, attention
from deploy.terminal.looks.clock import judged, off_by
from deploy.terminal.looks.consumers import Consumed
from deploy.terminal.looks.finding import Finding, State
from deploy.terminal.looks.kafka import copies
from deploy.terminal.looks.services import Readiness, agreement
from deploy.terminal.looks.store import empty, look_at_store
from deploy.terminal.looks.waiting import Late, Outbox, Parked, Waiting
from deploy.terminal.settings import TerminalSettings
from deploy.terminal.showing import ago

NOW = datetime(2030, 1, 7, 9, tzinfo=UTC)
RULES = Path(__file__).resolve().parents[3] / "deploy" / "observability" / "prometheus" / "alerts.yml"
SECOND = timedelta(seconds=1)
PRIMARY = {"name": "db-1", "stateStr": "PRIMARY", "optimeDate": NOW}
SECONDARY = {"name": "db-2", "stateStr": "SECONDARY", "optimeDate": NOW}


class Client:
    """A MongoDB that answers commands from a table; what is an exception is raised."""

    def __init__(self, **answers: Any) -> None:
        self._answers = {"hello": {"localTime": datetime.now(UTC), "setName": "rs0"}, **answers}
        self.admin = self

    async def command(self, name: str, **_: Any) -> Mapping[str, Any]:
        answer = self._answers.get(name, OperationFailure("no", 59))
        if isinstance(answer, Exception):
            raise answer
        found: Mapping[str, Any] = answer
        return found


async def replica_set(**answers: Any) -> list[Finding]:
    return [f for f in await look_at_store(Client(**answers), {}) if f.area == "replica set"]


def members(*all_: Mapping[str, Any]) -> dict[str, Any]:
    return {"replSetGetStatus": {"members": list(all_)}, "replSetGetConfig": {"config": {}}}


@pytest.mark.parametrize(
    ("answers", "states", "told"),
    [
        (members(PRIMARY, SECONDARY, {**SECONDARY, "name": "db-3"}), [State.OK], "3 of 3 members up, db-1 leads"),
        (members(PRIMARY), [State.OK, State.NOTE], "1 of 1"),
        (
            members(PRIMARY, SECONDARY, {**SECONDARY, "name": "db-3", "stateStr": "(not reachable/healthy)"}),
            [State.WRONG],
            "db-3 is (not reachable/healthy)",
        ),
        (members(SECONDARY, {**SECONDARY, "name": "db-3"}), [State.WRONG], "has no primary"),
        (
            members(PRIMARY, {**SECONDARY, "optimeDate": NOW - timedelta(seconds=11)}),
            [State.WRONG],
            "db-2 is 11 s behind db-1",
        ),
        (
            members(PRIMARY, SECONDARY)
            | {"replSetGetConfig": {"config": {"writeConcernMajorityJournalDefault": False}}},
            [State.OK, State.WRONG],
            "2 of 2",
        ),
        ({"replSetGetStatus": OperationFailure("not authorized", 13)}, [State.UNKNOWN], "may not look"),
        ({"hello": {"localTime": NOW}, "buildInfo": {}}, [State.WRONG], "runs without one"),
        ({"hello": {"localTime": NOW}, "buildInfo": {"process": "nx_27017"}}, [State.NOTE], "stand-in"),
    ],
)
async def test_a_replica_set_is_judged(answers: dict[str, Any], states: list[State], told: str) -> None:
    found = await replica_set(**answers)
    assert [finding.state for finding in found] == states
    assert told in found[0].what
    assert all(finding.mend for finding in found if finding.state in (State.WRONG, State.UNKNOWN))


class Secondaries(Client):
    """A set without a primary: commands are answered by whoever is there, collections are listed by nobody."""

    def __getitem__(self, database: str) -> Self:
        return self

    async def list_collection_names(self) -> list[str]:
        raise ServerSelectionTimeoutError("No replica set members match selector Primary()")


async def test_a_set_without_a_primary_is_told_and_what_only_a_primary_knows_is_named() -> None:
    told = members(SECONDARY, {**SECONDARY, "name": "db-3", "stateStr": "(not reachable/healthy)"})
    found = await look_at_store(Secondaries(**told), {"matching": "m"})
    assert [(finding.area, finding.state) for finding in found] == [
        ("mongodb", State.OK),
        ("clock", State.OK),
        ("replica set", State.WRONG),
        ("replica set", State.WRONG),
        ("mongodb", State.UNKNOWN),
    ]
    assert "has no primary" in found[3].what
    assert "not looked at: no primary" in found[4].what


async def test_a_store_without_a_server_is_away() -> None:
    found = await look_at_store(Client(hello=ServerSelectionTimeoutError("no server")), {"matching": "m"})
    assert [finding.state for finding in found] == [State.AWAY]
    assert "ENTENTE_MONGODB" in found[0].mend


@pytest.mark.parametrize(
    ("told", "off"),
    [
        (NOW, timedelta()),
        (NOW - SECOND, timedelta()),
        (NOW + 2 * SECOND, SECOND),
        (NOW - 5 * SECOND, -4 * SECOND),
    ],
)
def test_a_clock_is_off_only_where_its_answer_cannot_be_right(told: datetime, off: timedelta) -> None:
    assert off_by(told, NOW, NOW + SECOND, SECOND) == off


def test_a_clock_that_is_off_is_named_with_its_direction() -> None:
    assert judged("it", 2 * SECOND).state is State.OK
    assert "3.0 s ahead of" in judged("it", 3 * SECOND).what
    behind = judged("it", -3 * SECOND)
    assert "3.0 s behind" in behind.what
    assert behind.mend


def test_missing_copies_leaders_and_single_copies_are_found() -> None:
    def topic(**partition: Any) -> dict[str, Any]:
        whole = {"partition": 2, "leader": 1, "replicas": [1, 2, 3], "isr": [1, 2, 3]}
        return {"topic": "matching.teams", "partitions": [{**whole, **partition}]}

    at = "--bootstrap-server $ENTENTE_KAFKA"
    assert copies([topic()], 3) == []
    assert "no leader for partitions 2" in copies([topic(leader=-1, isr=[])], 3)[0].what
    (lacking,) = copies([topic(isr=[1, 2])], 3)
    assert "lacks copies of partitions 2" in lacking.what
    assert f"kafka-topics.sh {at} --describe" in lacking.mend
    (single,) = copies([topic(replicas=[1], isr=[1])], 2)
    assert "one copy on 2 brokers" in single.what
    assert f"kafka-reassign-partitions.sh {at} --reassignment-json-file F --execute" in single.mend
    assert "2 brokers" in single.mend
    assert copies([topic(replicas=[1], isr=[1])], 1) == []


def test_settings_that_differ_are_found() -> None:
    ours = TerminalSettings(kafka=["k:9092"], mongodb="mongodb://db", kafka_partitions=6)

    def setup(service: str, **told: str) -> dict[str, Any]:
        said = {"database": service, "kafka_partitions": "6", "issuer": "http://i", "audience": "entente"}
        return {"settings": said | told}

    same = {name: setup(name) for name in ("registration", "matching")}
    assert [f.state for f in agreement(ours, same)] == [State.OK]
    for told, what in (
        ({"database": "other"}, "matching works on database other"),
        ({"issuer": "http://j"}, "issuer differs: registration http://i, matching http://j"),
    ):
        found = agreement(ours, {**same, "matching": setup("matching", **told)})
        assert [f.state for f in found] == [State.WRONG]
        assert what in found[0].what
        assert found[0].mend
    found = agreement(ours, {"matching": setup("matching", kafka_partitions="9")})
    assert found[0].mend == "set ENTENTE_KAFKA_PARTITIONS=9 here"


def test_what_needs_somebody_is_said_with_the_way_on() -> None:
    calm = Standing(
        NOW,
        services=[Readiness("matching", ())],
        consumers=[Consumed("matching.roster", "registration.experts", {0: 7}, 1, "Stable")],
        waiting=Waiting([Outbox("matching", "positions", 1, NOW - SECOND)], [], []),
        members=[{"name": "db-1", "state": "PRIMARY"}],
    )
    assert attention(calm) == []
    long_ago = NOW - timedelta(minutes=5)
    ill = Standing(
        NOW,
        services=[Readiness("matching", ("relay: Kafka is away",))],
        consumers=[Consumed("matching.roster", "registration.experts", {0: 7}, 0, "Empty")],
        waiting=Waiting(
            [Outbox("matching", "positions", 2, long_ago)],
            [Late("matching", "calendars", 3, long_ago)],
            [Parked("matching", "matching.roster", "registration.experts", 1, 4, long_ago)],
            [empty("notifications", "sample")],
        ),
        members=[{"name": "db-1", "state": "RECOVERING"}],
    )
    needs = attention(ill)
    assert len(needs) == 7
    assert needs.pop(2).startswith("database sample of notifications is empty: start notifications; where it runs, ")
    assert "matching is not ready: relay: Kafka is away" in needs[0]
    assert "nobody consumes registration.experts as matching.roster: start matching" in needs[1]
    assert "2 documents of matching.positions not published since 5 min 0 s" in needs[2]
    assert "3 deadlines of matching.calendars late, the oldest by 5 min 0 s" in needs[3]
    assert "4 events of 1 key parked by matching.roster: entente parked list" in needs[4]
    assert "db-1 is RECOVERING" in needs[5]


@pytest.mark.parametrize("members", [2, None])
def test_a_lag_needs_somebody_from_the_number_on_at_which_it_is_an_alert(members: int | None) -> None:
    def needs(*lag: int) -> list[str]:
        of = Consumed("matching.roster", "registration.experts", dict(enumerate(lag)), members, "Stable")
        return attention(Standing(NOW, consumers=[of]))

    assert needs(LAGGING, 0) == []
    (told,) = needs(LAGGING, 1)
    assert told.startswith("1001 records of registration.experts wait for matching.roster")
    rules = yaml.safe_load(RULES.read_text())["groups"][0]["rules"]
    (alert,) = [rule["expr"] for rule in rules if rule["alert"] == "ConsumerLagging"]
    assert alert == f"sum by (job, group, topic) (entente_consumer_lag) > {LAGGING}"


def test_a_span_is_said_as_a_person_says_it() -> None:
    spans = {0.44: "0.4 s", 12: "12 s", 303: "5 min 3 s", 7800: "2 h 10 min", 273_600: "3 d 4 h"}
    assert {seconds: ago(timedelta(seconds=seconds)) for seconds in spans} == spans
