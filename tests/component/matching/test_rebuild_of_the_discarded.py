"""What an operator has discarded comes back by no rebuild: not the event, and not the loss of whom it is about."""

from __future__ import annotations

from shared.contracts import topics
from shared.contracts.events.experts import ExpertRevised
from shared.messaging.acts import By
from shared.messaging.parking import Failure, lot_id
from tests.component.matching.rebuilds import SPRING, declared, forgotten, rebuilt, row, wrong
from tests.support import matching_events as say
from tests.support.matching_world import World

BY = By("per_operator", "operator", "barred by mistake")


async def discarded(world: World, expert_id: str) -> None:
    """The expert's newest record was parked by the roster's consumer, which did not handle it, and was discarded."""
    listener = next(one for one in world.bus.listeners if one.subscription.topic is topics.EXPERTS)
    records = world.bus.topics[topics.EXPERTS.name]
    listener.read = len(records)
    record = [record for record in records if record.key.decode() == expert_id][-1]
    lot, group = world.service.messaging.lot, listener.group  # type: ignore[union-attr]
    await lot.park(group, topics.EXPERTS.name, record, Failure("permanent", "no such place"))
    after = await lot.acts.discard(lot_id(group, topics.EXPERTS.name, expert_id), record.place, BY)
    assert after.stored is not None


async def test_a_discarded_event_has_no_effect_and_what_came_after_it_has(staffed: World) -> None:
    staffed.tell(say.expert("exp_1", ExpertRevised, barred=True))
    await discarded(staffed, "exp_1")
    before = dict(staffed.kept["roster"]._rows)
    told = await rebuilt(staffed)
    assert (told["state"], told["records"], told["discarded"], wrong(told)) == ("done", 5, 1, {})
    assert staffed.kept["roster"]._rows == before

    await staffed.hear(say.expert("exp_1", ExpertRevised, category="academic"))
    del staffed.kept["roster"]._rows["exp_1"]
    told = await rebuilt(staffed)
    assert (told["discarded"], wrong(told)) == (1, {"missing": 1})
    state = row(staffed, "exp_1")["state"]
    assert (state["category"], state["barred"]) == ("academic", False)


async def test_somebody_whose_only_record_is_discarded_stays(staffed: World) -> None:
    """The older records of the key were compacted away: of what the roster knows, nothing was taken back."""
    forgotten(staffed, "exp_1")
    staffed.tell(say.expert("exp_1", ExpertRevised, barred=True))
    await discarded(staffed, "exp_1")
    await staffed.declare("exp_1", SPRING)
    told = await rebuilt(staffed)
    assert (told["discarded"], told["unreadable"], wrong(told)) == (1, [], {})
    assert row(staffed, "exp_1")["state"]["barred"] is False
    assert declared(staffed, "exp_1") != []
