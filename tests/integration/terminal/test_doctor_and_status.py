"""`entente doctor` and `entente status` on a running system: all in order, then one thing after the other wrong."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.embedded.process import free_port
from deploy.embedded.stack import Stack
from tests.support.eventually import eventually
from tests.support.load import Load
from tests.support.terminal import Terminal, pairs
from tests.support.unheard import expert_unheard

pytestmark = pytest.mark.embedded


def wrong(found: dict[str, Any]) -> dict[str, dict[str, str]]:
    """What of a diagnosis is neither in order nor a mere note, by its words."""
    return {row["what"]: row for row in found["findings"] if row["state"] not in ("ok", "note")}


async def test_a_system_in_order_is_called_so(terminal: Terminal) -> None:
    found = await terminal.json("doctor")
    assert found["sound"] is True
    assert wrong(found) == {}
    assert {row["area"] for row in found["findings"]} == {
        "registration", "matching", "notifications", "settings", "clock", "kafka", "topics", "mongodb", "replica set",
        "indexes",
    }  # fmt: skip
    said = await terminal("doctor")
    assert said.exit_code == 0
    assert "11 as the catalogue wants them" in said.stdout


async def test_a_missing_index_and_an_empty_database_are_found_with_their_mend(
    system: Stack, terminal: Terminal
) -> None:
    base = system.databases["matching"]
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        client[base]["positions"].drop_index("keys.state_1")
        found = wrong(await terminal.json("doctor", exit_code=1))
        client[base]["positions"].create_index("keys.state")
    assert list(found) == [f"{base}.positions has none on keys.state"]
    mend = found[f"{base}.positions has none on keys.state"]["mend"]
    assert mend.startswith(f"mongosh {base} --eval 'db.positions.createIndex({{\"keys.state\": 1}})'")
    found = wrong(await looking_elsewhere(system, terminal).json("doctor", exit_code=1))
    assert f"matching works on database {base}, this terminal looks at sample_nowhere" in found
    assert found["database sample_nowhere of matching is empty"]["mend"].startswith("start matching")


def looking_elsewhere(system: Stack, terminal: Terminal) -> Terminal:
    """The terminal with another database for matching than it works on."""
    named = pairs({**system.databases, "matching": "sample_nowhere"})
    return replace(terminal, variables={**terminal.variables, "ENTENTE_DATABASES": named})


async def test_of_a_database_that_nobody_works_on_nothing_is_called_in_order(
    system: Stack, terminal: Terminal, load: Load
) -> None:
    await load.open_world(1)
    await terminal.calm()
    lost = looking_elsewhere(system, terminal)
    told = "database sample_nowhere of matching is empty: start matching; where it runs, ENTENTE_DATABASES or its "
    (line,) = (await lost.json("status", exit_code=1))["attention"]
    assert line.startswith(told)
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        expert = client[system.databases["registration"]]["experts"].find_one({}, {"correlation_id": 1})
    assert expert

    async def at_rest() -> bool:
        return not (await terminal.json("trace", expert["correlation_id"]))["open"]

    await eventually(at_rest, within=30, what="the expert's mails are sent, which status does not wait for")
    for place, tracing, lines in (("here", terminal, 0), ("elsewhere", lost, 1)):
        traced = await tracing.json("trace", expert["correlation_id"])
        assert [said[: len(told)] for said in traced["attention"]] == [told] * lines, place
        shown = (await tracing("trace", expert["correlation_id"])).stdout
        assert ("nothing is open" in shown, f"! {told}" in shown) == (not lines, bool(lines)), place
    code, line = await lost.refused("trace", "req_nobody")
    assert code == 4
    assert told in line


async def test_other_partitions_are_found(system: Stack, terminal: Terminal) -> None:
    there = system.partitions
    other = replace(terminal, variables={**terminal.variables, "ENTENTE_KAFKA_PARTITIONS": "9"})
    found = wrong(await other.json("doctor", exit_code=1))
    assert f"matching.teams has {there} partitions instead of 9" in found
    mend = found[f"matching expects {there} partitions, this terminal 9"]["mend"]
    assert mend == f"set ENTENTE_KAFKA_PARTITIONS={there} here"


@pytest.mark.timeout(120)
async def test_what_does_not_answer_is_named_and_the_rest_is_still_told(terminal: Terminal) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    services = terminal.variables["ENTENTE_SERVICES"].split(",")
    moved = ",".join([*services[:2], f"notifications=http://{nowhere}"])
    for variable, value, area, told in (
        ("ENTENTE_KAFKA", nowhere, "kafka", "kafka does not answer"),
        ("ENTENTE_MONGODB", f"mongodb://{nowhere}/?directConnection=true", "mongodb", "mongodb does not answer"),
        ("ENTENTE_SERVICES", moved, "notifications", "notifications does not answer"),
    ):
        away = replace(terminal, variables={**terminal.variables, variable: value})
        found = await away.json("doctor", exit_code=3)
        states = {row["area"]: row for row in found["findings"] if row["state"] == "away"}
        assert list(states) == [area]
        assert variable in states[area]["mend"]
        assert any(row["state"] == "ok" for row in found["findings"])
        stands = await away.json("status", exit_code=3)
        assert [line for line in stands["away"] if told in line] == stands["away"]
        assert (stands["consumers"] is None) == (area == "kafka")
        assert (stands["parked"] is None) == (area == "mongodb")


async def test_settings_that_are_wrong_are_findings_too(terminal: Terminal) -> None:
    bad = replace(terminal, variables={**terminal.variables, "ENTENTE_KAFKA": "no-port", "ENTENTE_MONGODB": "x"})
    found = await bad.json("doctor", exit_code=2)
    assert [row["what"].split()[0] for row in found["findings"]] == ["ENTENTE_KAFKA", "ENTENTE_MONGODB"]
    code, line = await terminal.refused("--from", "/nowhere/dev.json", "doctor")
    assert (code, line) == (2, "there is no /nowhere/dev.json: is `make dev` running?\n")


@pytest.mark.timeout(120)
async def test_status_tells_lag_and_all_that_waits(system: Stack, terminal: Terminal, load: Load) -> None:
    await load.open_world(2)
    await terminal.calm()
    assert "nothing needs you" in (await terminal("status")).stdout

    async with expert_unheard(system, terminal):
        stands = await terminal.json("status", exit_code=3)
    lag = {group["group"]: group["waiting"] for group in stands["consumers"]}
    assert lag["matching.roster"] == 1
    assert lag["notifications.requests"] == 0
    assert [line for line in stands["away"] if line.startswith("matching does not answer")]
    await terminal.calm()

    with MongoClient[dict[str, Any]](system.mongodb) as client:
        base = client[system.databases["registration"]]
        ago = int(time.time() * 1000) - 300_000
        base["planted"].insert_one({"_id": "late", "next_deadline": ago, "pending_since": 0})
        base["planted"].insert_one({"_id": "unsaid", "next_deadline": None, "pending_since": ago})
        stands = await terminal.json("status", exit_code=1)
        base["planted"].drop()
    assert [(row["collection"], row["documents"]) for row in stands["outboxes"]] == [("planted", 1)]
    assert [(row["collection"], row["documents"]) for row in stands["deadlines_late"]] == [("planted", 1)]
    assert stands["outboxes"][0]["oldest_seconds"] >= 300
    assert len(stands["attention"]) == 2
