"""Contacts made again from their topic: nobody is told while it is made, and whoever waited is told when it stands."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from services.notifications.domain.delivery import State
from shared.contracts.events.experts import ExpertActivated
from shared.messaging.parking import Failure, lot_id
from shared.messaging.record import Record
from shared.runtime.rebuilding import LEASE
from shared.store import StoreAway
from tests.component.notifications.world import World, expert, staff
from tests.support.eventually import eventually
from tests.support.notified_events import sample

PLACE = "/operations/rebuilds/contacts"
RECORD = Record(0, 1, b"team_1", b"{}")


def operator(world: World, key: str | None = None) -> dict[str, str]:
    headers = world.headers(role="operator", subject="per_operator")
    return headers if key is None else {**headers, "Idempotency-Key": key}


async def rebuilt(world: World, state: str = "done", key: str | None = None) -> dict[str, Any]:
    """Begin, wait for the end, which is this, and say what differed."""
    headers = operator(world, key)
    async with world.client() as client:
        assert (await client.post(PLACE, headers=headers)).status_code == 202

        async def over() -> dict[str, Any] | None:
            told: dict[str, Any] = (await client.get(PLACE, headers=headers)).json()
            return told if told["state"] != "running" else None

        told = await eventually(over, within=30, what="the rebuild to end")
    assert told is not None
    assert told["state"] == state, told
    return {kind: told[kind] for kind in ("differed", "missing", "erased", "newer") if told[kind]}


async def lost(world: World, key: str) -> None:
    """A rebuild is written down under this key, and the process that was to run it does not hear of that."""
    rebuilds = world.documents["rebuilds"]
    written = {name: getattr(rebuilds, name) for name in ("insert", "replace")}

    def unheard(name: str) -> Any:
        async def write(*args: Any) -> bool:
            for each, write in written.items():
                setattr(rebuilds, each, write)
            await written[name](*args)
            raise StoreAway("the answer was lost")

        return write

    for name in written:
        setattr(rebuilds, name, unheard(name))
    async with world.client() as client:
        assert (await client.post(PLACE, headers=operator(world, key))).status_code == 503


def moved(world: World, contact_id: str, email: str) -> dict[str, Any]:
    """Write another address into a contact behind the service's back; the document as it was."""
    original: dict[str, Any] = json.loads(world.documents["contacts"]._rows[contact_id])
    spoilt = {**original, "state": {**original["state"], "email": email}}
    world.documents["contacts"]._rows[contact_id] = json.dumps(spoilt)
    return original


async def test_sound_contacts_stay_and_nobody_is_told_twice(world: World) -> None:
    await world.recorded(staff("per_desk", "desk"), expert("exp_1"))
    await world.happens(sample(ExpertActivated))
    await world.settled()
    before, mails = dict(world.documents["contacts"]._rows), len(world.mailer.mails)
    assert await rebuilt(world) == {}
    await world.settled()
    assert world.documents["contacts"]._rows == before
    assert len(world.mailer.mails) == mails


async def test_a_contact_that_got_lost_is_back_and_what_waited_for_it_is_sent_once(world: World) -> None:
    await world.recorded(expert("exp_1"))
    del world.documents["contacts"]._rows["exp_1"]
    event_id = await world.happens(sample(ExpertActivated))
    await world.settled()
    (mail,) = await world.deliveries(event_id=event_id, channel="mail")
    assert (mail.state, mail.waiting_for) == (State.WAITING, "exp_1")

    assert await rebuilt(world) == {"missing": 1}
    await eventually(lambda: world.mails_to("exp_1"), what="the mail that waited")
    await world.settled()
    assert world.mails_to("exp_1") == ["Your expert profile is active"]
    assert await rebuilt(world) == {}
    await world.settled()
    assert len(world.mailer.mails) == 1


async def test_what_failed_at_a_wrong_address_is_sent_by_the_next_call_where_the_store_was_away(world: World) -> None:
    """The contact is corrected already, and the second rebuild finds nothing to correct."""
    await world.recorded(expert("exp_1"))
    moved(world, "exp_1", "elsewhere@people.example")
    world.mailer.refused.add("elsewhere@people.example")
    await world.happens(sample(ExpertActivated))
    await world.settled()
    assert [mail.state for mail in await world.deliveries(channel="mail")] == [State.FAILED]
    deliveries = world.documents["deliveries"]
    find = deliveries.find

    async def away(*_args: Any, **_kwargs: Any) -> Any:
        deliveries.find = find  # type: ignore[method-assign]
        raise StoreAway("once")

    deliveries.find = away  # type: ignore[method-assign]
    assert await rebuilt(world, "failed") == {}
    assert json.loads(world.documents["contacts"]._rows["exp_1"])["state"]["email"] == "exp_1@people.example"
    assert world.mailer.mails == []
    assert await rebuilt(world) == {}
    await eventually(lambda: world.mails_to("exp_1"), what="the mail that had failed")
    await world.settled()
    assert await rebuilt(world) == {}
    await world.settled()
    assert world.mails_to("exp_1") == ["Your expert profile is active"]


async def test_a_rebuild_is_begun_once_per_key(world: World) -> None:
    await world.recorded(expert("exp_1"))
    headers = operator(world, "k-1")
    async with world.client() as client:
        first = await client.post(PLACE, headers=headers)
        again = await client.post(PLACE, headers=headers)
        assert (again.status_code, again.json()) == (first.status_code, first.json()) == (202, first.json())
        assert first.headers["etag"] == again.headers["etag"] == '"1"'

        async def over() -> bool:
            found = await client.get(PLACE, headers=headers)
            assert found.headers["etag"] == f'"{found.json()["version"]}"'
            return bool(found.json()["state"] == "done")

        await eventually(over, within=30, what="the rebuild to end")
        late = await client.post(PLACE, headers=headers)
        assert (late.json(), late.headers["etag"]) == (first.json(), '"1"')
        assert (
            await client.post(PLACE, headers={**headers, "If-Match": '"1"', "Idempotency-Key": "k-2"})
        ).status_code == 412


async def test_a_rebuild_whose_start_was_lost_begins_when_it_is_asked_for_again_under_its_key(world: World) -> None:
    await world.recorded(expert("exp_1"))
    moved(world, "exp_1", "elsewhere@people.example")
    await lost(world, "k-1")
    async with world.client() as client:
        early = await client.post(PLACE, headers=operator(world, "k-1"))
        assert (early.status_code, early.json()["state"]) == (202, "running")
        world.clock.advance(LEASE)
        found = await client.get(PLACE, headers=operator(world, "k-1"))
        assert found.json()["state"] == "interrupted"
        late = await client.post(PLACE, headers=operator(world, "k-1"))
        assert (late.status_code, late.json()) == (202, early.json())

        async def done() -> bool:
            found = await client.get(PLACE, headers=operator(world, "k-1"))
            return (found.json()["state"], found.json()["differed"]) == ("done", 1)

        await eventually(done, within=30, what="the rebuild to end")
        version = (await client.get(PLACE, headers=operator(world, "k-1"))).json()["version"]
        assert (await client.post(PLACE, headers=operator(world, "k-1"))).json() == early.json()
        assert (await client.get(PLACE, headers=operator(world, "k-1"))).json()["version"] == version, "it ran once"


async def test_a_rebuild_that_was_lost_is_not_begun_again_under_the_key_of_an_earlier_one(world: World) -> None:
    await world.recorded(expert("exp_1"))
    assert await rebuilt(world, key="k-1") == {}
    await lost(world, "k-2")
    world.clock.advance(LEASE)
    async with world.client() as client:
        assert (await client.post(PLACE, headers=operator(world, "k-1"))).status_code == 202
        assert (await client.get(PLACE, headers=operator(world, "k-1"))).json()["state"] == "interrupted"


async def test_what_operators_ask_is_remembered_as_long_as_the_setting_says() -> None:
    world = World(idempotency_hours=2)
    await world.service.messaging.lot.park("notifications.x", "matching.teams", RECORD, Failure("permanent", "bad"))  # type: ignore[union-attr]
    lot = f"/operations/parked/{lot_id('notifications.x', 'matching.teams', 'team_1')}/redrive"
    told: list[tuple[str, str]] = []
    for hours in (0, 1, 2):
        world.clock.advance(timedelta(hours=hours))
        async with world.client() as client:
            headers = operator(world, "k-1")
            rebuild = await client.post(PLACE, headers=headers)
            redrive = await client.post(lot, headers=headers, json={"reason": "a sample"})
        assert (rebuild.status_code, redrive.status_code) == (202, 200), redrive.text
        told.append((rebuild.json()["started_at"], redrive.headers["etag"]))
    assert told[0] == told[1]
    assert told[2][0] != told[1][0]
    assert told[2][1] != told[1][1]


async def test_an_erased_person_stays_erased_and_a_wrong_address_is_mended(world: World) -> None:
    await world.recorded(expert("exp_1"), expert("exp_2"))
    original = moved(world, "exp_2", "elsewhere@people.example")
    await world.erased("exp_1")
    assert await rebuilt(world) == {"differed": 1}
    assert json.loads(world.documents["contacts"]._rows["exp_1"])["state"]["erased"]
    assert json.loads(world.documents["contacts"]._rows["exp_2"])["state"] == original["state"]
