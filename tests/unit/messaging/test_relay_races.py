"""Writers, relays and faults in any order: everything gets out, first occurrences in order."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts import topics
from shared.messaging.measuring import NullMetrics
from shared.messaging.relay import Relay
from shared.messaging.relay_policy import LEFT_BEHIND
from shared.store import Store
from tests.support.eventually import eventually
from tests.support.messages import FakeProducer
from tests.unit.messaging.relaying import POLICY, House, Thing, first_seen, write


@pytest.fixture(autouse=True, scope="module")
def removed_soon() -> Iterator[None]:
    """Documents of these races are short: published entries are removed in between from the third on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.messaging.outboxes.ENTRIES_BEFORE_REMOVAL", 3)
        yield


FATES = st.lists(st.sampled_from(["ok", "ok", "ok", "fail", "lost"]), max_size=30)


async def race(fates: list[str], writers: list[str], seed: int) -> None:
    """Writers of two processes on three documents, one of which does not nudge; two relays; a crash of one."""
    chance = random.Random(seed)
    house = House(FakeProducer(plan=list(fates)))
    other = Relay(house.producer, house.clock, NullMetrics(), outboxes=[house.documents], policy=POLICY)
    strangers = Store(house.store.kind, house.documents, house.clock, on_announced=other.nudge)
    silent = Store(house.store.kind, house.documents, house.clock)
    count: dict[str, int] = {}

    async def one(store: Store[Thing], key: str) -> None:
        for _ in range(chance.randrange(3)):
            await asyncio.sleep(0)
        await write(store, key)

    tasks = []
    for writer in writers:
        key = chance.choice("abc")
        count[key] = count.get(key, 0) + 1
        tasks.append(asyncio.create_task(one({"own": house.store, "other": strangers}.get(writer, silent), key)))
    await asyncio.gather(*tasks)
    await other.drain(0)
    house.clock.advance(LEFT_BEHIND)

    async def swept() -> bool:
        await house.relay.sweep()
        return await house.empty()

    await eventually(swept, what="everything is out", every=0.001)
    for key, expected in count.items():
        stored = await house.documents.get(key)
        assert stored is not None
        seen = first_seen(house.producer.sequences(key))
        assert len(seen) == expected == stored["sequences"][topics.EVALUATIONS.name]
        assert seen == await house.announced(key)


@settings(max_examples=80, deadline=None)
@given(FATES, st.lists(st.sampled_from(["own", "other", "silent"]), min_size=1, max_size=12), st.integers(0, 999))
def test_any_race_publishes_everything_and_first_occurrences_in_order(
    fates: list[str], writers: list[str], seed: int
) -> None:
    asyncio.run(race(fates, writers, seed))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=15), st.integers(0, 999))
def test_one_relay_without_faults_publishes_each_entry_once(keys: list[str], seed: int) -> None:
    async def play() -> None:
        house = House()
        chance = random.Random(seed)

        async def write(key: str) -> None:
            for _ in range(chance.randrange(4)):
                await asyncio.sleep(0)
            await house.write(key)

        await asyncio.gather(*(write(key) for key in keys))
        await eventually(house.empty, what="everything is out", every=0.001)
        await house.relay.drain(1)
        assert len(house.producer.log) == len(keys)
        assert len({published.event_id for published in house.producer.log}) == len(keys)

    asyncio.run(play())
