"""`entente audit` beside the load it looks at: nothing that is on its way is called lost, and a loss is found."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime
from typing import Any

import pytest
from pymongo import MongoClient

from deploy.audit import Watch, audit
from deploy.embedded.stack import Stack
from shared.store.document import to_ms
from tests.support.load import Load
from tests.support.terminal import Terminal

pytestmark = [pytest.mark.embedded, pytest.mark.long, pytest.mark.stand_ins]  # on real servers: make deep
REQUESTS, ROUNDS, CASES = 10, 20, 2


@pytest.mark.timeout(240)
async def test_under_load_nothing_is_lost_and_a_planted_loss_is_found(
    system: Stack, terminal: Terminal, load: Load
) -> None:
    await load.open_world(20)
    seen_enough = asyncio.Event()
    working = asyncio.create_task(_work(load, seen_enough))
    looks: list[dict[str, Any]] = []
    while not working.done():
        looks.append(await terminal.json("audit"))
        if len(looks) >= 3 and any(look["pending"] for look in looks):
            seen_enough.set()
    await working
    assert len(looks) >= 3
    assert {look["lost"] + look["duplicates"] + look["out_of_order"] for look in looks} == {0}
    assert any(look["pending"] for look in looks), "the load was never caught at work"
    findings, evidence = await Watch(
        system.kafka.split(","), system.mongodb, system.databases, system.mail_directory
    ).settled(within=90)
    assert findings.clean, findings.as_json()
    assert all(_decided_ms(r.event) <= r.published <= time.time() * 1000 for r in evidence.records if r.event)
    gone = next(r for r in evidence.on("registration.institutions") if r.sequence == 1)
    evidence.records.remove(gone)
    assert f"{gone.topic}/{gone.key} #1 was decided and is not on its topic" in audit(evidence).lost
    at_rest = await terminal.json("audit")
    assert (at_rest["sound"], at_rest["pending"], at_rest["events"]) == (True, 0, findings.events)

    with MongoClient[dict[str, Any]](system.mongodb) as client:
        deliveries = client[system.databases["notifications"]]["deliveries"]
        searches = client[system.databases["matching"]]["searches"]
        told = deliveries.find_one(
            {"keys.channel": "inbox", "keys.type": "request_received", "state.role": "signatory"}
        )
        assert told
        event_id, signatory, request = (told["state"][name] for name in ("event_id", "recipient", "case_id"))
        listed = searches.find_one({"_id": request})
        assert listed
        searches.replace_one({"_id": request}, {**listed, "state": None})
        found = await terminal.json("audit", exit_code=1)
        assert found["findings"]["lost"] == [
            f"matching.searches/{request} has taken in request.submitted {request} #1 and holds nothing of it"
        ]
        searches.replace_one({"_id": request}, listed)
        deliveries.delete_one({"_id": told["_id"]})
        found = await terminal.json("audit", exit_code=1)
        assert found["findings"]["lost"] == [f"request.submitted {event_id}: {signatory} not told by inbox"]
        deliveries.delete_many({"state.event_id": event_id, "state.channel": "inbox"})
    found = await terminal.json("audit", exit_code=1)
    assert found["findings"]["lost"] == [f"request.submitted {event_id}: nobody told by inbox"]
    said = (await terminal("audit")).stdout
    assert "NOT in order" in said
    assert event_id in said


def _decided_ms(event: dict[str, Any]) -> int:
    return to_ms(datetime.fromisoformat(event["occurred_at"]))


async def _work(load: Load, seen_enough: asyncio.Event) -> None:
    """Submit until the auditor has looked often enough, whatever the machine's pace; then whole cases."""
    for turn in range(ROUNDS):
        await load.submit(REQUESTS, first=turn * REQUESTS)
        if seen_enough.is_set():
            break
    await load.whole_cases(CASES)
