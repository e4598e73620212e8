"""`entente rebuild`: a view again from its topic, while everything works, and after being killed in the middle."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from pymongo import MongoClient

from deploy.audit import Watch
from deploy.embedded.stack import Stack
from tests.support.eventually import eventually
from tests.support.load import Load
from tests.support.terminal import Terminal

pytestmark = pytest.mark.embedded
WRONG = ("differed", "missing", "erased")


def wrong(told: dict[str, Any]) -> dict[str, int]:
    return {kind: told[kind] for kind in WRONG if told[kind]}


@pytest.mark.timeout(300)
async def test_views_are_mended_while_requests_are_worked_on(system: Stack, terminal: Terminal, load: Load) -> None:
    code, line = await terminal.refused("rebuild", "roster", "--status")
    assert (code, line) == (4, "roster has never been rebuilt\n")
    await load.open_world(8)
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    before, _ = await watch.settled(within=60)
    assert before.clean, before.as_json()
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        roster = client[system.databases["matching"]]["roster"]
        contacts = client[system.databases["notifications"]]["contacts"]
        calendars = client[system.databases["matching"]]["calendars"]
        experts = {row["_id"]: row for row in roster.find()}
        reached = {row["_id"]: row["state"] for row in contacts.find()}
        declared = {row["_id"]: row["state"]["entries"] for row in calendars.find()}
        spoilt, lost, *_ = sorted(experts)
        assert len(experts) == 8
        assert len(declared) == 8
        roster.replace_one({"_id": spoilt}, {**experts[spoilt], "state": {**experts[spoilt]["state"], "barred": True}})
        roster.delete_one({"_id": lost})
        contacts.delete_one({"_id": lost})

        working = asyncio.create_task(load.submit(6))
        told = await terminal.json("rebuild", "roster")
        assert (told["state"], wrong(told)) == ("done", {"differed": 1, "missing": 1})
        assert (await terminal("rebuild", "contacts")).stdout.endswith("records: 1 missing\n")
        await working

        assert {row["_id"]: row["state"] for row in roster.find()} == {i: row["state"] for i, row in experts.items()}
        assert {row["_id"]: row["state"] for row in contacts.find()} == reached
        assert {row["_id"]: row["state"]["entries"] for row in calendars.find()} == declared
        assert (await terminal("rebuild", "roster")).stdout.endswith("records: none differed\n")
        assert [n for n in client[system.databases["matching"]].list_collection_names() if "_reb_" in n] == []
    after, _ = await watch.settled(within=60)
    assert after.clean, after.as_json()


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_one_that_is_killed_leaves_the_live_view_as_it_was(system: Stack, terminal: Terminal, load: Load) -> None:
    await load.open_world(4)
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        roster = client[system.databases["matching"]]["roster"]
        assert await eventually(lambda: roster.count_documents({}) >= 4, within=30, what="the roster")
        spoilt = roster.find_one_and_update({}, {"$set": {"state.barred": True}})
        assert spoilt
        before = list(roster.find().sort("_id"))
        async with httpx.AsyncClient(timeout=60) as http:
            asked = await http.post(f"{system.issuer}/tokens", json={"role": "operator", "subject": "operator"})
            bearer = {"Authorization": f"Bearer {asked.json()['access_token']}"}
            begun = await http.post(f"{system.urls['matching']}/operations/rebuilds/roster", headers=bearer)
        system.kill("matching")
        assert begun.json()["state"] == "running"
        await system.restart("matching")
        assert list(roster.find().sort("_id")) == before

        async def interrupted() -> bool:
            told = await terminal("--json", "rebuild", "roster", "--status")
            return told.exit_code == 1 and '"interrupted"' in told.stdout

        await eventually(interrupted, within=60, what="the lease to pass", every=0.5)
        assert wrong(await terminal.json("rebuild", "roster")) == {"differed": 1}
        assert not (roster.find_one({"_id": spoilt["_id"]}) or {})["state"]["barred"]


async def test_what_cannot_be_rebuilt_is_said_in_one_line(terminal: Terminal) -> None:
    code, line = await terminal.refused("rebuild", "calendars")
    assert (code, line) == (2, "calendars is not a view: give roster or contacts\n")
    services = "registration=http://a,matching=http://127.0.0.1:1,notifications=http://b"
    nowhere = Terminal(terminal.variables | {"ENTENTE_SERVICES": services})
    code, line = await nowhere.refused("rebuild", "roster")
    assert code == 3
    assert "matching does not answer at http://127.0.0.1:1" in line
