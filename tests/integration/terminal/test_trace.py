"""`entente trace`: a whole case over three services, complete and in order; a case that hangs shows where."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.audit import Watch
from deploy.embedded.stack import Stack
from services.matching.domain.calendar import Calendar, Hold
from services.matching.domain.requirement import Window
from shared.contracts.topics import CALENDARS
from shared.store.document import to_ms
from tests.support.load import Load
from tests.support.terminal import Terminal
from tests.support.unheard import unheard

pytestmark = pytest.mark.embedded


@pytest.mark.timeout(300)
async def test_a_case_is_told_whole_and_one_that_hangs_shows_where(
    system: Stack, terminal: Terminal, load: Load
) -> None:
    await load.open_world(20)
    await load.submit(1)
    await load.whole_cases(1)
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    findings, evidence = await watch.settled(within=90)
    assert findings.clean, findings.as_json()
    (request,) = load.tally.requests.values()
    found = await terminal.json("trace", request)
    again = await terminal.json("trace", found["correlation"])
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        database = client[system.databases["registration"]]
        called = [
            database[collection].find({"correlation_id": found["correlation"]}).distinct(f"state.{name}")
            for collection, name in (("requests", "reference"), ("actions", "code"))
        ]
        positions = client[system.databases["matching"]]["positions"]
        called += [[id_] for id_ in positions.distinct("state.offers.offer_id")]
    for (reference,) in called:
        assert (await terminal.json("trace", reference))["correlation"] == found["correlation"]
    assert [step["what"] for step in again.pop("open")] == [step["what"] for step in found["open"]], "they wait on"
    assert again == {name: value for name, value in found.items() if name != "open"}
    of_case = [r for r in evidence.records if (r.event or {}).get("correlation_id") == found["correlation"]]
    told = [f"{r.event['type']} #{r.sequence} {r.key}" for r in of_case if r.event]
    steps = [f"{s['what']} {s['about'].split()[-1]}" for s in found["steps"] if "#" in s["what"]]
    assert sorted(step for step in steps if "published" not in step) == sorted(told)
    assert found["services"] == ["matching", "notifications", "registration"]
    clearances = [step for step in found["open"] if ":clearance comes" in step["what"]]
    searches = [step for step in found["open"] if step["what"].endswith("waits for a new search")]
    states = list(load.tally.positions.values())
    assert len(clearances) == states.count("accepted") > 0, states
    assert len(searches) == len(states) - states.count("accepted"), states
    assert len(found["open"]) == len(states), found["open"]
    instants = [step["at"] for step in found["steps"]]
    assert instants == sorted(instants)
    assert found["steps"][0]["what"] == "request.submitted #1"
    assert all(step["waited_seconds"] >= 0 for step in found["steps"][1:])
    ids = {r.event_id for r in of_case}
    notices = [d for d in evidence.collection("notifications", "deliveries") if d["state"]["event_id"] in ids]
    counted = [int(s["what"].split()[0]) for s in found["steps"] if " notice" in s["what"]]
    assert sum(counted) == len(notices)
    table = await terminal("trace", request)
    assert table.exit_code == 0
    assert "nothing is open" not in table.stdout

    async with unheard(system, load.submit(2)):
        (other,) = set(load.tally.requests.values()) - {request}
        waits = {(step["what"], step["after"]) for step in (await terminal.json("trace", other))["open"]}
    assert ("request.submitted #1 not consumed", "matching.requests") in waits
    deadline = time.monotonic() + 60
    while [step["what"] for step in (await terminal.json("trace", other))["open"]] != [
        "waits for the officer: approval or rejection"
    ]:
        assert time.monotonic() < deadline, "the case hangs on"


async def test_what_waits_in_a_calendar_is_found_for_the_case_that_asked(system: Stack, terminal: Terminal) -> None:
    """Planted where no sweep looks for it: begun by one case, with days held for a second, and what is said of a third
    not published."""
    since, until = datetime(2030, 1, 7, 9, tzinfo=UTC), datetime(2130, 1, 7, 9, tzinfo=UTC)
    hold = Hold(
        offer_id="off_1",
        activity_id="acty_1",
        position_id="pos_1",
        window=Window(start=date(2130, 3, 4), end=date(2130, 3, 15)),
        days=10,
        expires_at=until,
        correlation_id="cor_holds",
    )
    headers = {"type": "availability.held", "correlation_id": "cor_says"}
    entry = {"topic": CALENDARS.name, "key": "exp_1", "sequence": 2, "headers": headers, "since": to_ms(since)}
    calendar = {
        "_id": "exp_1",
        "correlation_id": "cor_began",
        "updated_at": to_ms(since),
        "state": Calendar(expert_id="exp_1", holds=(hold,)).model_dump(mode="json"),
        "outbox": [entry],
        "deadlines": {"holds": to_ms(until)},
    }
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        calendars = client[system.databases["matching"]]["calendars"]
        calendars.insert_one(calendar)
        try:
            found = {named: (await terminal.json("trace", f"cor_{named}"))["open"] for named in ("holds", "says")}
            began = await terminal.json("trace", "cor_began")
        finally:
            calendars.delete_one({"_id": "exp_1"})
    assert {named: [(step["what"], step["about"]) for step in open_] for named, open_ in found.items()} == {
        "holds": [("deadline hold:off_1 comes at 2130-01-07 09:00:00", "calendar exp_1")],
        "says": [("availability.held #2 not published", "calendar exp_1")],
    }
    assert began["open"] == []


async def test_what_nobody_knows_is_said_so_in_one_line(terminal: Terminal) -> None:
    assert await terminal.refused("trace", "req_nobody") == (
        4,
        (
            "nothing is known of req_nobody; give the id of anything in the case but an event, a request's reference, "
            "an action's code, or an answer's X-Correlation-Id\n"
        ),
    )
    done = await terminal("trace")
    assert (done.exit_code, "Missing argument" in done.stderr) == (2, True)
