"""A store goes away while the roster is read: the call fails, and the next one misses nothing of what was read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from services.matching.application import roster as roster_module
from services.matching.application.roster import Roster
from services.matching.application.stores import Stores
from shared.store import Store, StoreAway
from shared.store.document import to_ms
from tests.component.matching.conftest import EXPERTS
from tests.support import matching_events as say
from tests.support.matching_world import World

AGAIN = f"/positions/{say.LEAD}/search"
FOLLOWED = ("roster", "calendars", "institutions")
Before = Callable[[], Awaitable[None]]


def roster_of(world: World) -> Roster:
    """A roster that has looked at nothing yet."""
    return Roster(Stores.made_by(lambda kind: Store(kind, world.kept[kind.name], world.clock)), world.clock)


async def known(roster: Roster) -> dict[str, tuple[bool, bool, bool]]:
    """Expert -> whether they are barred, have declared days, and have a verified employer."""
    lines, _ = await roster.now()
    return {
        line.expert.expert_id: (
            line.expert.barred,
            bool(line.calendar.entries),
            line.expert.employer is not None and line.expert.employer.verified,
        )
        for line in lines
    }


def once(
    monkeypatch: pytest.MonkeyPatch,
    world: World,
    name: str,
    first: Before,
    *,
    method: str = "changed_since",
    at: int = 1,
) -> None:
    """Await `first` before a store is read for the `at`th time from now on."""
    inner, calls = getattr(world.kept[name], method), 0

    async def read(*given: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == at:
            await first()
        return await inner(*given)

    monkeypatch.setattr(world.kept[name], method, read)


async def away() -> None:
    raise StoreAway("planted")


async def others_first() -> None:
    """Let go until the stores beside have been read: in memory that takes a turn or two."""
    for _ in range(10):
        await asyncio.sleep(0)


async def change_all_but(name: str, world: World) -> None:
    if name != "roster":
        await world.hear(say.expert("exp_1", barred=True), say.expert("exp_5"))
    if name != "calendars":
        await world.declare("exp_2")
    if name != "institutions":
        await world.hear(say.institution(status="suspended"))


@pytest.mark.parametrize("name", FOLLOWED)
async def test_nobody_is_missing_where_a_store_was_away_at_the_first_look(
    staffed: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    await staffed.hear(say.expert("exp_5"))
    roster = roster_of(staffed)
    once(monkeypatch, staffed, name, away)
    with pytest.raises(StoreAway):
        await roster.now()
    assert await known(roster) == {**dict.fromkeys(EXPERTS, (False, True, True)), "exp_5": (False, False, True)}


@pytest.mark.parametrize("name", FOLLOWED)
async def test_no_change_is_lost_where_another_store_was_away(
    staffed: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    roster = roster_of(staffed)
    before = await known(roster)
    await change_all_but(name, staffed)
    once(monkeypatch, staffed, name, away)
    with pytest.raises(StoreAway):
        await roster.now()
    assert await known(roster) == await known(roster_of(staffed)) != before


async def test_no_change_is_lost_where_a_later_page_could_not_be_read(
    staffed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(roster_module, "PAGE", 2)
    roster = roster_of(staffed)
    once(monkeypatch, staffed, "roster", away, at=2)
    with pytest.raises(StoreAway):
        await roster.now()
    assert set(await known(roster)) == set(EXPERTS)


async def test_no_change_is_lost_where_a_comparison_ends_half_way(
    staffed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster, kept = roster_of(staffed), staffed.kept["roster"]
    await roster.now()
    stored, gone = await kept.get("exp_1"), await kept.get("exp_2")
    assert stored is not None
    assert gone is not None
    back = to_ms(staffed.clock.now() - timedelta(days=1))
    barred = {**stored, "version": stored["version"] + 1, "updated_at": back}
    assert await kept.replace({**barred, "state": {**stored["state"], "barred": True}}, stored["revision"])
    assert await kept.delete("exp_2", gone["revision"])
    staffed.clock.advance(roster_module.COMPARED_EVERY)
    once(monkeypatch, staffed, "roster", away, method="get_many")
    with pytest.raises(StoreAway):
        await roster.now()
    assert {id_: barred for id_, (barred, _, _) in (await known(roster)).items()} == {
        "exp_1": True, "exp_3": False, "exp_4": False,
    }  # fmt: skip


@pytest.mark.parametrize("name", FOLLOWED)
async def test_no_change_is_lost_where_the_caller_gave_up(
    staffed: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    roster = roster_of(staffed)
    before = await known(roster)
    await change_all_but(name, staffed)
    reached = asyncio.Event()

    async def without_end() -> None:
        await others_first()
        reached.set()
        await asyncio.Event().wait()

    once(monkeypatch, staffed, name, without_end)
    given_up = asyncio.create_task(roster.now())
    await reached.wait()
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert await known(roster) == await known(roster_of(staffed)) != before


async def test_a_look_that_fails_ends_after_the_looks_beside_it(
    staffed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or one would still write into what the next call joins."""
    ended: list[str] = []

    async def slowly() -> None:
        await others_first()
        ended.append("institutions")

    once(monkeypatch, staffed, "roster", away)
    once(monkeypatch, staffed, "institutions", slowly)
    with pytest.raises(StoreAway):
        await roster_of(staffed).now()
    assert ended == ["institutions"]


async def test_a_state_that_cannot_be_read_replaces_the_one_before_it(staffed: World) -> None:
    roster, kept = roster_of(staffed), staffed.kept["roster"]
    await roster.now()
    stored = await kept.get("exp_1")
    assert stored is not None
    spoilt = {**stored, "version": stored["version"] + 1, "state": {"expert_id": "exp_1"}}
    assert await kept.replace(spoilt, stored["revision"])
    with pytest.raises(ValueError, match="RosterExpert"):
        await roster.now()
    assert set(await known(roster)) == set(EXPERTS) - {"exp_1"}


async def test_whoever_was_barred_while_a_store_was_away_is_on_no_later_list(
    opened: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As an officer meets it: the search that met the outage answers 503, the next one is right."""
    assert (await opened.call("POST", AGAIN)).status_code == 200
    await opened.hear(say.expert("exp_1", barred=True))
    once(monkeypatch, opened, "calendars", away)
    assert (await opened.call("POST", AGAIN)).status_code == 503
    answer = await opened.call("POST", AGAIN)
    assert answer.status_code == 200, answer.text
    assert [row["expert_id"] for row in answer.json()["shortlist"]] == ["exp_2", "exp_3", "exp_4"]
