"""`entente republish`: the owner says a state again; views follow, nobody is told, nothing is done twice."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo import MongoClient

from deploy.audit import Watch
from deploy.demo.office import OFFICER
from deploy.embedded.stack import Stack
from tests.support.eventually import eventually
from tests.support.load import Load
from tests.support.terminal import Terminal

pytestmark = pytest.mark.embedded


@pytest.mark.long
@pytest.mark.timeout(240)
async def test_a_state_is_said_again_and_taken_in_without_telling_anybody(
    system: Stack, terminal: Terminal, load: Load
) -> None:
    await load.open_world(6)
    await load.submit(1)
    watch = Watch(system.kafka.split(","), system.mongodb, system.databases, system.mail_directory)
    before, _ = await watch.settled(within=60)
    assert before.clean, before.as_json()
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        registration, matching, notifications = (
            client[system.databases[name]] for name in ("registration", "matching", "notifications")
        )
        deliveries = notifications["deliveries"].count_documents({})
        expert = registration["experts"].find_one({})
        institution = registration["institutions"].find_one({})
        assert expert
        assert institution
        id_, last = expert["_id"], expert["sequences"]

        said = await terminal.json("republish", f"expert/{id_}")
        assert [(e["topic"], e["type"], e["sequence"]) for e in said["said"]] == [
            ("registration.experts", "expert.revised", last["registration.experts"] + 1)
        ]
        place = f"registration-experts/{id_}"

        def taken_in() -> bool:
            document = matching["roster"].find_one({"_id": id_})
            return bool(document and document["seen"][place][0] == last["registration.experts"] + 1)

        await eventually(taken_in, within=20, what="the roster has taken it in")

        both = await terminal.json("republish", id_)
        assert {e["topic"]: e["sequence"] - last[e["topic"]] for e in both["said"]} == {
            "registration.experts": 2,
            "registration.contacts": 1,
        }
        assert "institution.verified #3" in (await terminal("republish", institution["_id"])).stdout

        after, _ = await watch.settled(within=60)
        assert after.clean, after.as_json()
        assert after.events == before.events + 4
        assert notifications["deliveries"].count_documents({}) == deliveries, "nobody is told of a state said again"


async def test_what_cannot_be_said_again_is_refused_in_one_line(system: Stack, terminal: Terminal, load: Load) -> None:
    await load.open_world(1)
    await load.submit(1)
    request = load.tally.requests[0]
    code, line = await terminal.refused("republish", request)
    assert code == 4
    assert "registration.requests, which is kept for ever" in line
    assert (await terminal.refused("republish", f"request/{request}"))[0] == 4
    code, line = await terminal.refused("republish", "exp_nobody")
    assert (code, line) == (4, "no service knows exp_nobody\n")
    code, line = await terminal.refused("republish", f"person/{request}")
    assert code == 2
    assert "types are action" in line


async def test_only_an_operator_may(system: Stack, load: Load) -> None:
    answer = await load._api.call(OFFICER, "POST", "registration", "/operations/republish", json={"aggregate": "x"})
    assert answer.status_code == 403
