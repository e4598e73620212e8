"""The roster made again from its topic: what is wrong is corrected, and nothing that came meanwhile is lost."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from shared.contracts import topics
from shared.contracts.events.experts import ExpertRevised
from shared.messaging.errors import BrokerAway
from shared.messaging.replay import HeadOfTopicMissing
from shared.runtime.rebuilding import LEASE
from tests.component.matching.rebuilds import (
    PLACE,
    SPRING,
    begun,
    beside,
    declared,
    forgotten,
    rebuilds,
    rebuilt,
    row,
    spoil,
    stands,
    wrong,
)
from tests.support import matching_events as say
from tests.support.eventually import eventually
from tests.support.matching_world import World


async def considered(world: World, request_id: str) -> dict[str, set[str]]:
    await world.hear(say.request(request_id=request_id))
    search = await world.get(f"/searches/{request_id}")
    listed: dict[str, set[str]] = {c["expert_id"]: set() for c in search["candidates"]}
    return listed | {id_: {e["code"] for e in reasons} for id_, reasons in search["exclusions"].items()}


async def test_a_sound_roster_stays_as_it_is(staffed: World) -> None:
    before = dict(staffed.kept["roster"]._rows)
    told = await rebuilt(staffed)
    assert (told["state"], told["documents"], told["records"], wrong(told)) == ("done", 4, 4, {})
    assert staffed.kept["roster"]._rows == before
    assert [kept._rows for kept in beside(staffed)] == [{}]


async def test_what_is_wrong_missing_or_made_up_is_corrected(staffed: World) -> None:
    assert len(await considered(staffed, "req_before")) == 4
    original = row(staffed, "exp_1")
    spoil(staffed, "exp_1", barred=True)
    stray = {**row(staffed, "exp_2"), "_id": "exp_stray", "id": "exp_stray"}
    stray["state"] = {**stray["state"], "expert_id": "exp_stray"}
    stray["seen"] = {"registration-experts/exp_stray": [3, 0]}
    staffed.kept["roster"]._rows["exp_stray"] = json.dumps(stray)
    del staffed.kept["roster"]._rows["exp_3"]
    staffed.clock.advance(timedelta(minutes=5))

    told = await rebuilt(staffed)
    assert (told["state"], wrong(told)) == ("done", {"differed": 1, "missing": 1, "erased": 1})
    assert await considered(staffed, "req_after") == {f"exp_{n}": set() for n in (1, 2, 3, 4)}
    mended = row(staffed, "exp_1")
    assert mended["state"] == original["state"]
    kept = ("created_at", "correlation_id", "seen", "answers", "sequences", "outbox")
    assert {field: mended[field] for field in kept} == {field: original[field] for field in kept}
    assert mended["version"] > original["version"], "caches know a change by its version"
    assert row(staffed, "exp_stray")["state"] is None
    assert row(staffed, "exp_stray")["seen"] == {"registration-experts/exp_stray": [3, 0]}, "the guard stays"


async def test_what_the_live_consumer_applied_meanwhile_stays(staffed: World) -> None:
    """The topic has been read to its end; before anything is taken over, newer events arrive and are consumed."""

    async def meanwhile() -> None:
        await staffed.hear(say.expert("exp_1", ExpertRevised, barred=True), say.expert("exp_new"))

    spoil(staffed, "exp_2", barred=True)
    staffed.reading.meanwhile = meanwhile
    told = await rebuilt(staffed)
    assert (told["state"], wrong(told)) == ("done", {"differed": 1, "newer": 1})
    assert row(staffed, "exp_1")["state"]["barred"] is True
    assert row(staffed, "exp_2")["state"]["barred"] is False
    assert row(staffed, "exp_new")["state"]["status"] == "active"
    assert row(staffed, "exp_1")["seen"]["registration-experts/exp_1"][0] == 2


async def test_one_at_a_time_and_an_interrupted_one_leaves_the_live_view_untouched(staffed: World) -> None:
    held = asyncio.Event()
    reached = asyncio.Event()

    async def meanwhile() -> None:
        reached.set()
        await held.wait()

    spoil(staffed, "exp_1", barred=True)
    before = dict(staffed.kept["roster"]._rows)
    staffed.reading.meanwhile = meanwhile
    await begun(staffed)
    await reached.wait()
    refused = await begun(staffed, expect=409)
    assert "a rebuild of roster has been running since" in refused["detail"]
    assert (await stands(staffed))["step"] == "reading"
    await rebuilds(staffed).stop()
    assert staffed.kept["roster"]._rows == before
    staffed.clock.advance(LEASE)
    assert (await stands(staffed))["state"] == "interrupted"
    staffed.reading.meanwhile = None
    assert wrong(await rebuilt(staffed)) == {"differed": 1}


@pytest.mark.parametrize(
    ("fails", "said"),
    [
        (BrokerAway("nobody there"), "The broker is not reachable at the moment: nobody there"),
        (HeadOfTopicMissing("registration.experts/0 starts at offset 3"), "starts at offset 3"),
    ],
)
async def test_a_topic_that_cannot_be_read_whole_changes_nothing(staffed: World, fails: Exception, said: str) -> None:
    spoil(staffed, "exp_1", barred=True)
    before = dict(staffed.kept["roster"]._rows)
    staffed.reading.fails = fails
    told = await rebuilt(staffed)
    assert told["state"] == "failed"
    assert said in told["error"]
    assert staffed.kept["roster"]._rows == before


async def test_a_record_that_cannot_be_read_is_named_and_the_rest_is_made(staffed: World) -> None:
    staffed.bus._put(topics.EXPERTS.name, "exp_broken", b"{")
    told = await rebuilt(staffed)
    assert told["state"] == "done"
    assert told["unreadable"] == ["partition 0, offset 4, key exp_broken: malformed: bad JSON"]


async def test_somebody_whose_only_record_cannot_be_read_stays_and_is_named(staffed: World) -> None:
    """The older records of the key were compacted away: the topic knows of them, and not what."""
    forgotten(staffed, "exp_1")
    staffed.bus._put(topics.EXPERTS.name, "exp_1", b"{")
    await staffed.declare("exp_1", SPRING)
    told = await rebuilt(staffed)
    assert (told["state"], wrong(told), len(told["unreadable"])) == ("done", {}, 1)
    assert row(staffed, "exp_1")["state"]["status"] == "active"
    assert declared(staffed, "exp_1") != []


async def test_keys_that_do_not_fit_the_state_are_corrected(staffed: World) -> None:
    """By them a document is found: with others it is there and on no list."""
    document = row(staffed, "exp_1")
    staffed.kept["roster"]._rows["exp_1"] = json.dumps({**document, "keys": {"status": "barred", "category": None}})
    assert wrong(await rebuilt(staffed)) == {"differed": 1}
    assert row(staffed, "exp_1")["keys"] == document["keys"]
    assert wrong(await rebuilt(staffed)) == {}


async def test_no_rebuild_yet_and_no_such_view(world: World) -> None:
    assert (await world.call("GET", PLACE, "operator", "per_operator")).status_code == 404
    answer = await world.call("POST", "/operations/rebuilds/calendars", "operator", "per_operator")
    assert (answer.status_code, answer.json()["mend"]) == (404, "There are: roster.")


async def test_one_that_was_not_heard_of_for_its_lease_takes_nothing_over_and_harms_no_later_one(
    staffed: World,
) -> None:
    """It is slow, not dead: a second one begins, ends, and only then does the first one find that out."""
    held, reached = asyncio.Event(), asyncio.Event()

    async def meanwhile() -> None:
        reached.set()
        await held.wait()

    staffed.reading.meanwhile = meanwhile
    await begun(staffed)
    await reached.wait()
    staffed.reading.meanwhile = None
    staffed.clock.advance(LEASE)
    spoil(staffed, "exp_1", barred=True)
    assert wrong(await rebuilt(staffed)) == {"differed": 1}
    spoil(staffed, "exp_2", barred=True)
    before = dict(staffed.kept["roster"]._rows)
    held.set()
    await eventually(lambda: not rebuilds(staffed)._running, within=30, what="the slow one to end")
    assert staffed.kept["roster"]._rows == before
    assert wrong(await stands(staffed)) == {"differed": 1}, "and it tells nothing in the later one's name"


async def test_what_an_interrupted_one_left_beside_is_removed(staffed: World) -> None:
    reached = asyncio.Event()

    async def meanwhile() -> None:
        reached.set()
        await asyncio.Event().wait()

    staffed.reading.meanwhile = meanwhile
    await begun(staffed)
    await reached.wait()
    await rebuilds(staffed).stop()
    assert sum(len(kept._rows) for kept in beside(staffed)) == 4
    staffed.reading.meanwhile = None
    staffed.clock.advance(LEASE)
    await rebuilt(staffed)
    assert sum(len(kept._rows) for kept in beside(staffed)) == 0
