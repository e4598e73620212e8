"""A record Kafka will not take: named, kept, in nobody else's way, and out once the reason is mended."""

from __future__ import annotations

import logging

import structlog
from structlog.testing import capture_logs

from shared.messaging.relay_policy import LEFT_BEHIND, SWEPT, RelayPolicy
from shared.store import Decision, Store
from tests.support.eventually import eventually
from tests.support.messages import evaluation, step
from tests.unit.messaging.relaying import POLICY, House, Thing, in_order_once


async def refusing(house: House, *, events: int, place: int) -> list[str]:
    """Document a announces `events`, of which Kafka refuses the one at `place`; their ids."""
    house.producer.gate.clear()
    await house.write(events=events)
    ids = await house.outbox()
    house.producer.refuses.add(ids[place])
    house.producer.gate.set()
    await eventually(house.relay.refused, what="red")
    house.clock.advance(LEFT_BEHIND)
    return ids


async def test_it_is_named_once_and_its_check_alone_is_red() -> None:
    house = House()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    with capture_logs() as lines:
        ids = await refusing(house, events=1, place=0)
        for _ in range(3):
            await eventually(house.relay.sweep, what="it is tried again")
            assert await house.relay.drain(1)
            house.relay.open()
            house.clock.advance(LEFT_BEHIND)
    (line,) = [line for line in lines if line["event"] == "relay.refused"]
    said = {"collection": "things", "id": "a", "event_id": ids[0], "type": "evaluation.completed", "why": "too large"}
    assert {**line, **said} == line
    assert line["topic"] == "delivery.evaluations"
    reason = str(await house.relay.refused())
    assert all(word in reason for word in ("things/a", ids[0], "evaluation.completed", "delivery.evaluations"))
    assert house.counted["outbox_refused"] == 1
    assert await house.relay.check() is None, "everything else gets out"


async def test_what_was_before_it_is_out_and_what_is_after_it_waits_until_the_reason_is_mended() -> None:
    house = House()
    ids = await refusing(house, events=3, place=1)
    assert await house.relay.drain(1)
    house.relay.open()
    assert house.producer.sequences("a") == ids[:1]
    assert await house.outbox() == ids[1:]
    await house.write()
    house.clock.advance(LEFT_BEHIND)
    house.producer.refuses.clear()
    await eventually(house.relay.sweep, what="it is tried again")
    assert (await house.all_out())[:3] == ids
    assert in_order_once(house.producer.sequences("a"), 4)
    assert await house.relay.drain(1)
    assert await house.relay.refused() is None
    assert house.counted["outbox_refused"] == 0


async def test_more_refused_documents_than_there_are_places_hold_up_no_other() -> None:
    house = House(policy=RelayPolicy(side_by_side=2, waiting=SWEPT + 20, away=POLICY.away, refused=3_600))
    house.producer.gate.clear()
    for n in range(SWEPT + 10):
        await house.write(f"r{n}")
        house.producer.refuses.update(await house.outbox(f"r{n}"))
    house.producer.gate.set()
    await eventually(lambda: house.counted["outbox_refused"] == SWEPT + 10, what="all are refused")
    await house.write("nudged")
    await eventually(lambda: house.producer.sequences("nudged"), what="a nudged one gets out")
    stranger = Store(house.store.kind, house.documents, house.clock)
    await stranger.change("swept", step(), lambda _: Decision(Thing(), (evaluation("swept"),)))
    house.clock.advance(LEFT_BEHIND)
    await house.relay.sweep()
    await eventually(lambda: house.producer.sequences("swept"), what="one only the sweep finds gets out")
