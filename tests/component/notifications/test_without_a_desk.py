"""Where nobody holds a function and there is no desk, the notice waits for both: whoever comes first is told."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from services.notifications.application import release_waiting
from services.notifications.application.find_people import find_people
from services.notifications.application.release_waiting import ReleaseWaiting
from services.notifications.domain.delivery import Delivery, State
from shared.contracts.envelope import EventData
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.institutions import InstitutionSubmitted, InstitutionVerified
from shared.contracts.events.positions import AssignmentAccepted
from shared.contracts.events.searches import MatchEmpty
from shared.store import Cause, MemoryDocuments, StoreAway, Stored
from tests.component.notifications.world import World, delegation, expert, partner, running, staff
from tests.support.notified_events import sample

LIST_EMPTY, VERIFIED = sample(MatchEmpty), sample(InstitutionVerified)
DESK, MANAGER, POOL = staff("per_desk", "desk"), staff("per_manager", "manager"), staff("per_pool", "pool_manager")


async def told_now(world: World, event_id: str) -> list[Delivery]:
    """The mails of the event to people, those that waited for a function left out."""
    return [d for d in await world.deliveries(event_id=event_id, channel="mail") if d.state is not State.RELEASED]


async def test_each_function_is_waited_for_by_its_own_name(world: World) -> None:
    event_id = await world.happens(LIST_EMPTY)
    waiting = {(d.recipient, d.waiting_for, d.role, d.stands_in) for d in await world.deliveries(event_id=event_id)}
    assert waiting == {(f"{role}@facility", f"{role}@facility", role, False) for role in ("manager", "pool_manager")}
    assert len(await world.deliveries(event_id=event_id)) == 4


async def test_what_waits_already_makes_the_next_one_no_slower(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has come meanwhile is looked for on behalf of the new notices alone."""
    looked: list[str] = []
    one = ReleaseWaiting.one

    async def noted(release: ReleaseWaiting, stored: Stored[Delivery], cause: Cause) -> bool:
        looked.append(stored.id)
        return await one(release, stored, cause)

    monkeypatch.setattr(ReleaseWaiting, "one", noted)
    for event_id in [await world.happens(LIST_EMPTY) for _ in range(5)]:
        assert len([d for d in await world.deliveries(event_id=event_id) if d.state is State.WAITING]) == 4
    assert len(looked) == len(set(looked)) == 5 * 4


async def test_the_manager_and_the_pool_manager_who_come_are_told_as_such(world: World) -> None:
    event_id = await world.happens(LIST_EMPTY)
    await world.recorded(MANAGER, POOL)
    await world.settled()
    assert len(world.mails_to("per_manager")) == len(world.mails_to("per_pool")) == 1
    told = {(d.recipient, d.role, d.stands_in, d.state) for d in await told_now(world, event_id)}
    assert told == {
        ("per_manager", "manager", False, State.SENT),
        ("per_pool", "pool_manager", False, State.SENT),
    }
    await world.recorded(DESK)
    await world.settled()
    assert world.mails_to("per_desk") == [], "the function is held by now"


async def test_a_delegation_that_comes_is_told(world: World) -> None:
    await world.recorded(partner("per_focal", "ins_1", "focal_point"))
    await world.happens(VERIFIED)
    await world.recorded(delegation("del_ng", "NG"))
    await world.settled()
    assert len(world.mails_to("del_ng")) == 1


@pytest.mark.parametrize("event", [LIST_EMPTY, VERIFIED], ids=["the-facility", "a-delegation"])
async def test_a_desk_that_comes_first_is_told_once_in_their_place(world: World, event: EventData) -> None:
    await world.recorded(partner("per_focal", "ins_1", "focal_point"))
    event_id = await world.happens(event)
    await world.recorded(DESK)
    await world.settled()
    assert len(world.mails_to("per_desk")) == 1
    (desk,) = [d for d in await told_now(world, event_id) if d.recipient == "per_desk"]
    assert (desk.state, desk.stands_in) == (State.SENT, True)
    await world.recorded(MANAGER, POOL, delegation("del_ng", "NG"))
    await world.settled()
    assert len(world.mailer.mails) == len({mail.delivery_id for mail in world.mailer.mails})
    assert {d.state for d in await told_now(world, event_id)} == {State.SENT}
    assert not any(world.mails_to(late) for late in ("per_manager", "per_pool", "del_ng")), "the desk has it"


async def test_of_two_functions_one_may_be_filled_before_the_desk_comes(world: World) -> None:
    event_id = await world.happens(LIST_EMPTY)
    await world.recorded(MANAGER, DESK)
    await world.settled()
    told = {(d.recipient, d.role, d.stands_in) for d in await told_now(world, event_id)}
    assert told == {("per_manager", "manager", False), ("per_desk", "pool_manager", True)}
    desk = next(mail for mail in world.mailer.mails if mail.to_address.startswith("per_desk"))
    assert "pool manager" in desk.text.body


async def test_one_person_in_both_functions_has_one_mail_and_no_desk_reads_it_as_well(world: World) -> None:
    event_id = await world.happens(LIST_EMPTY)
    await world.recorded(staff("per_all", "desk", "manager", "pool_manager"))
    await world.settled()
    assert len(world.mails_to("per_all")) == 1
    assert [(d.recipient, d.stands_in) for d in await told_now(world, event_id)] == [("per_all", False)]


async def test_what_is_the_desks_own_comes_as_such(world: World) -> None:
    event_id = await world.happens(sample(InstitutionSubmitted))
    await world.recorded(DESK)
    await world.settled()
    assert [(d.recipient, d.role, d.stands_in) for d in await told_now(world, event_id)] == [
        ("per_desk", "desk", False)
    ]


async def test_a_desk_that_comes_reads_nothing_that_waits_for_an_institution_or_a_person(world: World) -> None:
    await world.happens(sample(AssignmentAccepted))
    await world.recorded(DESK)
    await world.settled()
    waits = {d.waiting_for for d in await world.deliveries(state="waiting")}
    assert waits == {"focal_point@case:req_1", "supervisor@institution:ins_employer"}


@pytest.mark.parametrize("comes", [DESK, MANAGER], ids=lambda comes: comes.contact_id)
async def test_the_sweep_finds_whoever_came_unnoticed(world: World, comes: ContactRecorded) -> None:
    event_id = await world.happens(LIST_EMPTY)
    deliveries = world.documents["deliveries"]
    find = deliveries.find

    async def nothing(*_args: object, **_kwargs: object) -> list[dict[str, object]]:
        return []

    deliveries.find = nothing  # type: ignore[method-assign]
    await world.recorded(comes)
    deliveries.find = find  # type: ignore[method-assign]
    await world.later(timedelta(seconds=world.settings.look_again_seconds + 1))
    assert len(world.mails_to(comes.contact_id)) == 1
    assert comes.contact_id in {d.recipient for d in await told_now(world, event_id)}


@pytest.mark.parametrize("when", ["behind_1st_look", "before_2nd_look"])
async def test_a_delegation_that_comes_while_the_desk_is_told_leaves_all_to_one_of_them(
    when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as one, running(beside=one) as other:
        await one.recorded(partner("per_focal", "ins_1", "focal_point"))
        event_id = await one.happens(VERIFIED)
        look, looks = find_people, 0

        async def comes() -> None:
            other.bus._sequences.update(one.bus._sequences)
            await other.recorded(delegation("del_ng", "NG"))

        async def looked(*args: Any) -> dict[str, tuple[str, ...]]:
            nonlocal looks
            looks += 1
            mine = looks
            if mine == 2 and when == "before_2nd_look":
                await comes()
            found = await look(*args)
            if mine == 1 and when == "behind_1st_look":
                await comes()
            return found

        monkeypatch.setattr(release_waiting, "find_people", looked)
        await one.recorded(DESK)
        await one.settled()
        await other.settled()
        assert len(await told_in(one, event_id, "eu_delegation")) == 1


@pytest.mark.parametrize("writes", range(6))
async def test_what_was_decided_before_a_crash_is_carried_out_after_it_whoever_came_since(writes: int) -> None:
    async with running() as one, running(beside=one) as other:
        await one.recorded(partner("per_focal", "ins_1", "focal_point"))
        event_id = await one.happens(VERIFIED)
        dies = _DiesAfter(one.documents["deliveries"], writes)
        with contextlib.suppress(StoreAway):
            await one.recorded(DESK)
        dies.mend()
        await one.sender.stop()
        other.bus._sequences.update(one.bus._sequences)
        await other.recorded(delegation("del_ng", "NG"))
        await other.later(timedelta(seconds=other.settings.look_again_seconds + 1))
        (who,) = await told_in(other, event_id, "eu_delegation")
        assert who == ("del_ng" if writes == 0 else "per_desk", ("inbox", "mail"))
        assert len(other.mails_to(who[0])) == 1


async def told_in(world: World, event_id: str, role: str) -> set[tuple[str, tuple[str, ...]]]:
    """Who has been told in this function, each with the channels."""
    told: dict[str, list[str]] = {}
    for d in await world.deliveries(event_id=event_id):
        if d.role == role and d.state not in (State.WAITING, State.RELEASED):
            told.setdefault(d.recipient, []).append(d.channel)
    return {(who, tuple(sorted(channels))) for who, channels in told.items()}


class _DiesAfter:
    """The database takes so many writes more, and then none until it is mended."""

    def __init__(self, documents: MemoryDocuments, writes: int) -> None:
        self._documents, self._left = documents, writes
        self._as_it_was = {name: getattr(documents, name) for name in ("replace", "insert_new")}
        for name, write in self._as_it_was.items():
            setattr(documents, name, self._counted(write))

    def _counted(self, write: Callable[..., Any]) -> Callable[..., Any]:
        async def counted(*args: Any) -> Any:
            if self._left == 0:
                raise StoreAway("it died")
            self._left -= 1
            return await write(*args)

        return counted

    def mend(self) -> None:
        for name, write in self._as_it_was.items():
            setattr(self._documents, name, write)


async def test_a_holder_and_a_desk_that_come_at_two_replicas_give_nobody_two_mails() -> None:
    async with running() as one, running(beside=one) as other:
        await one.happens(LIST_EMPTY)
        await one.recorded(expert("exp_1"), MANAGER)
        await other.recorded(DESK, POOL)
        await one.settled()
        await other.settled()
        ids = [mail.delivery_id for mail in one.mailer.mails]
        assert len(ids) == len(set(ids))
        assert len(one.mails_to("per_manager")) == 1
