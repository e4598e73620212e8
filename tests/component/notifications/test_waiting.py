"""Whoever is not known yet is waited for, visibly, and told when known; no order of arrival loses a notice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.domain.delivery import State
from shared.contracts.events.contacts import ContactRecorded
from shared.contracts.events.experts import ExpertActivated
from shared.contracts.events.institutions import InstitutionVerified
from shared.contracts.events.positions import (
    AssignmentAccepted,
    AssignmentOffered,
    PositionOpened,
    PositionShortlisted,
    ShortlistApproved,
)
from shared.contracts.events.requests import RequestApproved, RequestSubmitted
from shared.store import StoreAway
from tests.component.notifications.world import CAST, World, expert, partner, running, staff
from tests.support.intercepted_documents import Crash
from tests.support.notified_events import sample

VERIFIED = sample(InstitutionVerified).model_copy(update={"country": "FR"})
"""Tells the institution alone: inside the Union there is no EU Delegation."""


async def test_a_person_nobody_knows_yet_is_waited_for_and_told_on_arrival(world: World) -> None:
    event_id = await world.happens(sample(ExpertActivated))
    await world.settled()
    (mail,) = await world.deliveries(event_id=event_id, channel="mail")
    assert (mail.state, mail.waiting_for) == (State.WAITING, "exp_1")
    await world.recorded(expert("exp_1"))
    await world.settled()
    assert world.mails_to("exp_1") == ["Your expert profile is active"]
    (mail,) = await world.deliveries(event_id=event_id, channel="mail")
    assert (mail.state, mail.waiting_for) == (State.SENT, None)


async def test_an_institution_without_contacts_is_waited_for_and_nobody_else_reads_it(world: World) -> None:
    await world.recorded(staff("per_desk", "desk"), partner("per_elsewhere", "ins_2", "focal_point"))
    event_id = await world.happens(VERIFIED)
    waiting = "focal_point@institution:ins_1"
    assert await world.told(event_id) == {(waiting, "mail"), (waiting, "inbox")}
    await world.recorded(partner("per_sign", "ins_1", "signatory"))
    assert len(await world.deliveries(event_id=event_id)) == 2, "a signatory is no focal point"
    await world.recorded(partner("per_focal", "ins_1", "focal_point"))
    await world.settled()
    assert world.mails_to("per_focal") == ["Your institution has been verified"]
    assert len(world.mailer.mails) == 1
    states = {(d.recipient, d.channel): d.state for d in await world.deliveries(event_id=event_id)}
    assert states == {
        (waiting, "mail"): State.RELEASED,
        (waiting, "inbox"): State.RELEASED,
        ("per_focal", "mail"): State.SENT,
        ("per_focal", "inbox"): State.DELIVERED,
    }


async def test_officers_see_what_waits_and_for_whom(world: World) -> None:
    await world.happens(VERIFIED)
    async with world.client() as client:
        answer = await client.get("/deliveries?state=waiting", headers=world.headers())
    assert {item["waiting_for"] for item in answer.json()["items"]} == {"focal_point@institution:ins_1"}


async def test_an_event_that_overtakes_the_submission_of_its_case_waits_for_it(world: World) -> None:
    """They come on different topics, so either may be read first."""
    await world.recorded(*CAST)
    event_id = await world.happens(sample(AssignmentAccepted))
    await world.settled()
    assert world.mails_to("per_focal") == []
    assert world.mails_to("per_colleague") == [], "somebody else of the institution is no substitute"
    await world.happens(sample(RequestSubmitted))
    await world.settled()
    people = {who for who, _ in await world.told(event_id) if "@" not in who}
    assert people == {"per_focal", "per_supervisor", "per_manager", "per_logistics"}
    assert len(world.mails_to("per_focal")) == 2
    assert world.mails_to("per_colleague") == []


async def test_two_waiting_roles_of_one_person_become_one_mail(world: World) -> None:
    submitted = sample(RequestSubmitted).model_copy(update={"signatory_id": "per_focal"})
    await world.recorded(staff("per_desk", "desk"))
    await world.happens(submitted)
    await world.documents["cases"].drop()  # as a backup that was taken in between leaves it
    approved = await world.happens(sample(RequestApproved), sequence=2)
    await world.recorded(partner("per_focal", "ins_1", "focal_point", "signatory"))
    await world.happens(submitted, sequence=1)
    await world.settled()
    assert len([mail for mail in world.mailer.mails if mail.event_id == approved and "focal" in mail.to_address]) == 1


async def test_a_person_who_arrives_between_looking_and_writing_is_not_missed(world: World) -> None:
    """The two consumers cross: the contact is written after the event looked for it, and looks for waiting notices
    before the event has written them."""
    deliveries = world.documents["deliveries"]
    insert_new = deliveries.insert_new

    async def after_the_contact(documents: list[dict[str, object]]) -> int:
        deliveries.insert_new = insert_new  # type: ignore[method-assign]
        await World(beside=world).recorded(partner("per_focal", "ins_1", "focal_point"))
        return await insert_new(documents)

    deliveries.insert_new = after_the_contact  # type: ignore[method-assign, assignment]
    await world.happens(VERIFIED)
    await world.settled()
    assert world.mails_to("per_focal") == ["Your institution has been verified"]


async def test_the_sweep_finds_what_a_crash_between_contact_and_release_left(world: World) -> None:
    event_id = await world.happens(sample(ExpertActivated))
    await world.settled()
    deliveries = world.documents["deliveries"]
    find, asked = deliveries.find, []

    async def crashes(*args: object, **kwargs: object) -> list[dict[str, object]]:
        asked.append(args)
        raise Crash

    deliveries.find = crashes  # type: ignore[method-assign]
    with pytest.raises(Crash):
        await world.recorded(expert("exp_1"))
    deliveries.find = find  # type: ignore[method-assign]
    assert asked
    assert world.mails_to("exp_1") == []
    await world.later(timedelta(seconds=world.settings.look_again_seconds + 1))
    assert world.mails_to("exp_1") == ["Your expert profile is active"]
    assert {d.state for d in await world.deliveries(event_id=event_id)} == {State.SENT, State.DELIVERED}


async def test_a_known_person_waits_a_lease_only_where_a_sender_dies_before_it_looks_once_more() -> None:
    """The contact looks for waiting notices before the sender notes that this one waits: only the sender would see the
    person, and is gone."""
    dead = World()
    deliveries, contacts = dead.documents["deliveries"], dead.documents["contacts"]
    replace, get = deliveries.replace, contacts.get

    async def after_the_contact(*args: Any) -> bool:
        deliveries.replace = replace  # type: ignore[method-assign]
        await World(beside=dead).recorded(expert("exp_1"))
        contacts.get = crashes  # type: ignore[method-assign]
        return await replace(*args)

    async def crashes(*_args: Any, **_kwargs: Any) -> Any:
        contacts.get = get  # type: ignore[method-assign]
        raise Crash

    deliveries.replace = after_the_contact  # type: ignore[method-assign, assignment]
    event_id = await dead.happens(sample(ExpertActivated))
    await dead.sender.start()
    await dead.settled()
    with pytest.raises(Crash):
        await dead.sender.stop()
    (mail,) = await dead.deliveries(event_id=event_id, channel="mail")
    assert (mail.state, mail.waiting_for) == (State.WAITING, "exp_1")
    async with running(beside=dead) as after:
        await after.later(timedelta(seconds=after.settings.send_lease_seconds + 1))
        assert after.mails_to("exp_1") == ["Your expert profile is active"]


async def test_the_sweep_goes_on_waiting_for_whoever_is_still_unknown(world: World) -> None:
    await world.happens(VERIFIED)
    await world.happens(sample(ExpertActivated))
    await world.settled()
    for _ in range(3):
        await world.later(timedelta(seconds=world.settings.look_again_seconds + 1))
    waiting = await world.deliveries(state="waiting")
    assert len(waiting) == 3
    assert all(d.due_at is not None and d.due_at > world.clock.now() for d in waiting)


async def test_an_erased_person_is_emptied_and_told_nothing_more(world: World) -> None:
    await world.recorded(*CAST)
    await world.erased("exp_1")
    event_id = await world.happens(sample(ExpertActivated))
    await world.settled()
    assert world.mails_to("exp_1") == []
    (mail,) = await world.deliveries(event_id=event_id, channel="mail")
    assert (mail.state, mail.failure) == (State.FAILED, "the person's data were erased")
    assert "exp_1@people.example" not in "".join(world.documents["contacts"]._rows.values())


async def test_an_older_record_read_again_brings_nobody_back(world: World) -> None:
    await world.recorded(expert("exp_1"))
    await world.erased("exp_1")
    await world.bus.again("notifications.contacts")
    assert "exp_1@people.example" not in "".join(world.documents["contacts"]._rows.values())


async def test_the_newest_address_is_used_at_the_time_of_sending(world: World) -> None:
    moved = ContactRecorded(contact_id="exp_1", kind="expert", name="Sample", email="new@people.example")
    world.mailer.down = True
    await world.recorded(expert("exp_1"))
    await world.happens(sample(ExpertActivated))
    await world.settled()
    await world.recorded(moved)
    world.mailer.down = False
    await world.later(timedelta(seconds=2))
    assert [mail.to_address for mail in world.mailer.mails] == ["new@people.example"]


async def test_an_employer_without_a_supervisor_is_waited_for(world: World) -> None:
    await world.recorded(staff("per_desk", "desk"))
    event_id = await world.happens(sample(AssignmentAccepted))
    assert ("supervisor@institution:ins_employer", "mail") in await world.told(event_id)


async def test_an_event_that_comes_again_tells_nobody_who_came_since(world: World) -> None:
    """The offsets of the group were lost: everything is read again, and an old event is news to nobody."""
    await world.recorded(*CAST)
    event_id = await world.happens(sample(RequestSubmitted))
    told = await world.told(event_id)
    await world.recorded(staff("per_new_at_the_desk", "desk"))
    await world.happens(sample(RequestSubmitted), sequence=1)
    assert await world.told(event_id) == told


async def test_a_gap_on_a_topic_that_is_kept_for_ever_is_told_to_nobody_and_parks_the_key(world: World) -> None:
    await world.recorded(*CAST)
    await world.happens(sample(RequestSubmitted))
    with pytest.raises(AssertionError, match=r"sequence gap.*3 came after 1; 2 is missing"):
        await world.happens(sample(RequestApproved), sequence=3)
    await world.settled()
    assert len(world.mails_to("per_focal")) == 1


async def test_what_tells_nobody_is_no_gap_for_what_follows(world: World) -> None:
    await world.recorded(*CAST)
    await world.happens(sample(RequestSubmitted))
    for model in (PositionOpened, PositionShortlisted, ShortlistApproved, AssignmentOffered):
        await world.happens(sample(model))
    await world.settled()
    assert len(world.mails_to("exp_1")) == 1


async def test_an_event_cut_short_before_it_was_noted_as_told_tells_nobody_twice(world: World) -> None:
    await world.recorded(*CAST)
    noted = world.documents["told"]
    insert = noted.insert

    async def away(_: dict[str, object]) -> bool:
        noted.insert = insert  # type: ignore[method-assign]
        raise StoreAway("cut short")

    noted.insert = away  # type: ignore[method-assign, assignment]
    with pytest.raises(StoreAway):
        await world.happens(sample(RequestSubmitted))
    before = await world.deliveries()
    await world.bus.deliver()
    await world.settled()
    assert len(before) == len(await world.deliveries()) == 8
    assert len(world.mailer.mails) == 4
