"""What operators are shown: counts from zero on, a consumer that stopped, and no lag of partitions held by others."""

from __future__ import annotations

from typing import Any

import pytest

from shared.clock import ManualClock
from shared.messaging.breaker import BreakerPolicy
from shared.messaging.consumer import Consumer, ConsumerPolicy
from shared.messaging.errors import BrokerAway, Permanent
from shared.messaging.membership import Member
from shared.messaging.parking import ParkingLot
from shared.runtime.metrics import Metrics
from shared.store import MemoryDocuments, StoreAway
from tests.support.messages import START, Effects, evaluations
from tests.unit.messaging.consuming import QUICK, House, events


def consumer(metrics: Metrics) -> Consumer:
    clock = ManualClock(START)
    lot = ParkingLot("matching", MemoryDocuments("parked"), clock)
    return Consumer(evaluations(Effects().handle), "matching", lot, clock, metrics)


def shown(metrics: Metrics, name: str) -> dict[str, float]:
    """The samples of a metric, by their labels without group and topic."""
    return {
        ",".join(v for k, v in sample.labels.items() if k not in ("group", "topic")): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name == f"entente_{name}"
    }


def test_counts_that_alerts_watch_are_shown_before_their_first_event() -> None:
    metrics = Metrics()
    made = consumer(metrics)
    for name in ("events_parked_total", "commit_failures_total", "event_gaps_total", "consumer_stopped"):
        assert shown(metrics, name) == {"": 0}, name
    assert shown(metrics, "store_away_total") == {made.group: 0}


@pytest.mark.parametrize("fault", [StoreAway("away"), BrokerAway("away")], ids=["the database", "Kafka"])
async def test_each_attempt_that_meets_something_away_counts(fault: Exception) -> None:
    """An alert that waits two minutes sees an increase in each of them."""
    house = House()
    house.effects.faults["a", 1] = [fault] * 10
    await house.take(events(("a", 1)))
    assert await house.effects.applied("a") == [1]
    assert house.counted["store_away"] == 10


async def test_a_consumer_that_stopped_by_itself_says_so() -> None:
    house = House(ConsumerPolicy(retry=QUICK.retry, away=QUICK.away, breaker=BreakerPolicy(share=0.2, keys=5)))
    assert house.counted["consumer_stopped"] == 0
    for n in range(9):
        house.effects.faults[f"k{n}", 1] = [Permanent("all wrong")] * 9
    await house.take(events(*((f"k{n}", 1) for n in range(9))))
    assert house.counted["consumer_stopped"] == 1


def test_a_partition_given_to_another_member_is_not_counted_twice() -> None:
    metrics = Metrics()
    nobody: Any = None
    member = Member(consumer(metrics), nobody, metrics, 1)
    member.tell({0: 7, 1: 3})
    member.tell({1: 2})
    assert shown(metrics, "consumer_lag") == {"0": 0, "1": 2}
