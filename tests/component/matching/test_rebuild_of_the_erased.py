"""The roster made again where somebody was erased: they stay so, and what they declared goes with them."""

from __future__ import annotations

from typing import Any

from shared.contracts import topics
from shared.contracts.events.experts import ExpertRevised
from shared.runtime.rebuilding import LEASE
from shared.store import StoreAway
from tests.component.matching.rebuilds import (
    SPRING,
    begun,
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
from tests.support.intercepted_documents import Crash
from tests.support.matching_world import World


async def test_somebody_the_topic_has_forgotten_and_who_comes_back_meanwhile_stays(staffed: World) -> None:
    forgotten(staffed, "exp_1")

    async def meanwhile() -> None:
        await staffed.hear(say.expert("exp_1", ExpertRevised))

    staffed.reading.meanwhile = meanwhile
    assert wrong(await rebuilt(staffed)) == {"newer": 1}
    assert row(staffed, "exp_1")["state"]["status"] == "active"


async def test_an_erased_expert_does_not_come_back_with_an_older_record(staffed: World) -> None:
    old = next(r for r in staffed.bus.topics[topics.EXPERTS.name] if r.key == b"exp_1")
    staffed.bus.erase(topics.EXPERTS.name, "exp_1")
    await staffed.settle()
    forgotten(staffed, "exp_1")
    assert wrong(await rebuilt(staffed)) == {}
    staffed.bus.topics[topics.EXPERTS.name].append(old)
    await staffed.settle()
    assert row(staffed, "exp_1")["state"] is None


async def test_what_an_expert_declared_survives_also_where_they_once_were_erased_and_came_back(staffed: World) -> None:
    staffed.bus.erase(topics.EXPERTS.name, "exp_1")
    await staffed.settle()
    staffed.tell(say.expert("exp_1"), sequence=9)
    await staffed.settle()
    await staffed.declare("exp_1", SPRING)
    await staffed.declare("exp_2", SPRING)
    before = dict(staffed.kept["calendars"]._rows)
    spoil(staffed, "exp_2", barred=True)
    assert wrong(await rebuilt(staffed)) == {"differed": 1}
    assert staffed.kept["calendars"]._rows == before


async def test_whom_the_topic_has_forgotten_leaves_no_declared_availability_behind(staffed: World) -> None:
    await staffed.declare("exp_1", SPRING)
    forgotten(staffed, "exp_1")
    assert wrong(await rebuilt(staffed)) == {"erased": 1}
    assert declared(staffed, "exp_1") == []


async def test_what_an_erased_person_declared_goes_at_the_next_call_where_the_store_was_away(staffed: World) -> None:
    """The roster is corrected already, and the second rebuild finds nothing to correct."""
    forgotten(staffed, "exp_1")
    calendars = staffed.kept["calendars"]
    get = calendars.get

    async def away(id_: str) -> Any:
        calendars.get = get  # type: ignore[method-assign]
        raise StoreAway("once")

    calendars.get = away  # type: ignore[method-assign]
    assert (await rebuilt(staffed))["state"] == "failed"
    assert row(staffed, "exp_1")["state"] is None
    assert declared(staffed, "exp_1") != []
    again = await rebuilt(staffed)
    assert (again["state"], wrong(again)) == ("done", {})
    assert declared(staffed, "exp_1") == []


async def test_what_erased_people_declared_goes_at_the_next_call_where_it_was_killed_between_them(
    staffed: World,
) -> None:
    forgotten(staffed, "exp_1", "exp_2")

    async def killed(operation: str, id_: str) -> None:
        if (operation, id_) == ("replace", "exp_2"):
            raise Crash

    staffed.before = killed
    await begun(staffed)
    await eventually(lambda: not rebuilds(staffed)._running, within=30, what="it to be gone")
    staffed.before = None
    assert [row(staffed, expert_id)["state"] is None for expert_id in ("exp_1", "exp_2")] == [True, False]
    staffed.clock.advance(LEASE)
    assert (await stands(staffed))["state"] == "interrupted"
    assert wrong(await rebuilt(staffed)) == {"erased": 1}
    assert [declared(staffed, expert_id) != [] for expert_id in ("exp_1", "exp_2", "exp_3")] == [False, False, True]
