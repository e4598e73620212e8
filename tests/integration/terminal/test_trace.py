"""`entente trace`: a whole case over three services, complete and in order; a case that hangs shows where."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.audit import Watch
from deploy.embedded.stack import Stack
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


async def test_what_nobody_knows_is_said_so_in_one_line(terminal: Terminal) -> None:
    assert await terminal.refused("trace", "req_nobody") == (
        4,
        (
            "nothing is known of req_nobody; give the id or the reference of a request, the code of an action, "
            "or an answer's X-Correlation-Id\n"
        ),
    )
    done = await terminal("trace")
    assert (done.exit_code, "Missing argument" in done.stderr) == (2, True)
