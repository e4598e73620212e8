"""Where the person a request named has left, and nobody at the institution holds the function, notices wait for one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.notifications.domain.delivery import State
from shared.contracts.events.positions import AssignmentAccepted
from shared.contracts.events.requests import RequestSubmitted
from tests.component.notifications.world import World, partner, staff
from tests.support.notified_events import sample

FOCAL = partner("per_focal", "ins_1", "focal_point")
SUCCESSOR = partner("per_successor", "ins_1", "focal_point")
GONE = FOCAL.model_copy(update={"active": False})
OF_CASE, THERE = "focal_point@case:req_1", "focal_point@institution:ins_1"
ACCEPTED = "2027-07: an expert has accepted"


@pytest.fixture
async def left(world: World) -> World:
    """A case whose focal point has left, at an institution with nobody in their place."""
    await world.recorded(staff("per_desk", "desk"), partner("per_sign", "ins_1", "signatory"), FOCAL)
    await world.happens(sample(RequestSubmitted))
    await world.recorded(GONE)
    return world


async def waits(world: World, event_id: str) -> set[tuple[str, State, str | None]]:
    """(recipient, state, waited for) of the notices to the focal point."""
    found = await world.deliveries(event_id=event_id)
    return {(d.recipient, d.state, d.waiting_for) for d in found if d.role == "focal_point"}


def told(who: str) -> set[tuple[str, State, str | None]]:
    """What `waits` gives once this person has been told in place of the one who left."""
    return {(OF_CASE, State.RELEASED, None), (who, State.SENT, None), (who, State.DELIVERED, None)}


async def test_the_notice_waits_for_the_institution_and_nobody_else_reads_it(left: World) -> None:
    event_id = await left.happens(sample(AssignmentAccepted))
    await left.settled()
    assert await waits(left, event_id) == {(OF_CASE, State.WAITING, THERE)}
    await left.recorded(partner("per_elsewhere", "ins_2", "focal_point"), partner("per_other", "ins_1", "signatory"))
    await left.settled()
    assert await waits(left, event_id) == {(OF_CASE, State.WAITING, THERE)}


@pytest.mark.parametrize("comes", [SUCCESSOR, FOCAL], ids=["a-successor", "the-person-again"])
async def test_whoever_comes_is_told_at_once(left: World, comes: Any) -> None:
    event_id = await left.happens(sample(AssignmentAccepted))
    await left.settled()
    await left.recorded(comes)
    await left.settled()
    assert left.mails_to(comes.contact_id)[-1:] == [ACCEPTED]
    assert await waits(left, event_id) == told(comes.contact_id)


async def test_somebody_erased_has_left_too(left: World) -> None:
    await left.erased("per_focal")
    event_id = await left.happens(sample(AssignmentAccepted))
    await left.settled()
    assert await waits(left, event_id) == {(OF_CASE, State.WAITING, THERE)}


async def test_the_sweep_waits_on_for_the_institution(left: World) -> None:
    event_id = await left.happens(sample(AssignmentAccepted))
    for _ in range(2):
        await left.later(timedelta(seconds=left.settings.look_again_seconds + 1))
        assert await waits(left, event_id) == {(OF_CASE, State.WAITING, THERE)}
    await left.recorded(SUCCESSOR)
    await left.settled()
    assert left.mails_to("per_successor") == [ACCEPTED]


async def test_an_event_that_overtook_the_submission_waits_on_for_the_institution(world: World) -> None:
    await world.recorded(staff("per_desk", "desk"), GONE)
    event_id = await world.happens(sample(AssignmentAccepted))
    assert await waits(world, event_id) == {(OF_CASE, State.WAITING, OF_CASE)}
    await world.happens(sample(RequestSubmitted))
    assert await waits(world, event_id) == {(OF_CASE, State.WAITING, THERE)}
    await world.recorded(SUCCESSOR)
    await world.settled()
    assert world.mails_to("per_successor") == [ACCEPTED]


async def test_a_successor_who_comes_before_the_notice_waits_for_the_institution_is_not_missed(left: World) -> None:
    """They look for what waits for the institution while this notice still waits for the case."""
    deliveries = left.documents["deliveries"]
    replace = deliveries.replace

    async def after_the_contact(*args: Any) -> bool:
        deliveries.replace = replace  # type: ignore[method-assign]
        await World(beside=left).recorded(SUCCESSOR)
        return await replace(*args)

    await left.settled()
    deliveries.replace = after_the_contact  # type: ignore[method-assign, assignment]
    event_id = await left.happens(sample(AssignmentAccepted))
    await left.settled()
    assert await waits(left, event_id) == told("per_successor")
