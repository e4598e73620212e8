"""A topic read from its first record through the handlers of one subscription, as a live consumer would take it in."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.clock import Clock
from shared.messaging.backoff import RetryPolicy
from shared.messaging.handling import Handling
from shared.messaging.measuring import NullMetrics
from shared.messaging.order import Lane, lanes, side_by_side
from shared.messaging.parking import ParkingLot
from shared.messaging.passed_over import PassedOver
from shared.messaging.record import shown
from shared.messaging.replay import ReadTopic
from shared.messaging.subscription import Subscription

MOST_AT_ONCE = 32


@dataclass(slots=True)
class Replayed:
    """What came of it: how many records there are, which of them a live consumer would park, and how many it passes
    over since an operator has discarded them. `untold` are the keys of both: the topic knows of them, and what it says
    there cannot be told or does not count."""

    records: int = 0
    discarded: int = 0
    unreadable: list[str] = field(default_factory=list)
    untold: set[str] = field(default_factory=set)


async def replayed(
    subscription: Subscription, service: str, read: ReadTopic, lot: ParkingLot, clock: Clock
) -> Replayed:
    """Every record of the topic through the handlers; what the group's lot holds as discarded when this begins has no
    effect. Raises what reading raises, and StoreAway."""
    over = PassedOver(lot, subscription.group(service), subscription.topic.name, clock)
    handling = Handling(subscription, service, NullMetrics(), RetryPolicy(), passed_over=over)
    found = Replayed()

    async def lane(of_key: Lane) -> None:
        for record in of_key:
            if over.holds(record):
                found.discarded += 1
            elif (failure := await handling.settle(record)) is not None:
                place = f"partition {record.partition}, offset {record.offset}, key {shown(record.key)[:80]}"
                found.unreadable.append(f"{place}: {failure.reason}")
            else:
                continue
            found.untold.add(record.key.decode("utf-8", "replace"))

    await over.read()
    async for batch in read(subscription.topic):
        await side_by_side(lane, lanes(batch), MOST_AT_ONCE)
        found.records += len(batch)
    return found
