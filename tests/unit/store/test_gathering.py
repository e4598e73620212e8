"""Calls that come together share a round trip, and nobody gets another one's answer or fault."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.store import gathering
from shared.store.errors import StoreAway
from shared.store.gathering import LANES, MOST, Gatherer
from tests.support.eventually import eventually


class Doubling:
    """Answers twice the number; what it is asked together is noted. 13 cannot be doubled, 99 finds the store away."""

    def __init__(self) -> None:
        self.trips: list[list[int]] = []

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.trips.append(list(items))
        await asyncio.sleep(0)
        if 99 in items:
            raise StoreAway("away")
        if 13 in items:
            raise ValueError("13 cannot be doubled")
        return [2 * item for item in items]


async def test_concurrent_calls_share_round_trips_and_keep_their_answers() -> None:
    doubling = Doubling()
    gather = Gatherer(doubling)
    wanted = [n for n in range(300) if n not in (13, 99)]
    assert await asyncio.gather(*(gather(n) for n in wanted)) == [2 * n for n in wanted]
    assert len(doubling.trips) < 10
    assert max(map(len, doubling.trips)) == MOST


async def test_a_lone_call_goes_out_alone() -> None:
    doubling = Doubling()
    gather = Gatherer(doubling)
    assert await gather(1) == 2
    assert await gather(2) == 4
    assert doubling.trips == [[1], [2]]


async def test_one_bad_item_fails_alone() -> None:
    gather = Gatherer(Doubling())
    answers = await asyncio.gather(*(gather(n) for n in (1, 13, 2)), return_exceptions=True)
    assert answers[0] == 2
    assert answers[2] == 4
    assert isinstance(answers[1], ValueError)


async def test_an_absent_store_is_told_to_everybody_and_tried_once() -> None:
    doubling = Doubling()
    gather = Gatherer(doubling)
    answers = await asyncio.gather(*(gather(n) for n in (1, 99)), return_exceptions=True)
    assert all(isinstance(answer, StoreAway) for answer in answers)
    assert len(doubling.trips) == 1


class Hanging:
    """Keeps every round trip under way until it is let go, and finds the store away then."""

    def __init__(self) -> None:
        self.trips = 0
        self.let_go = asyncio.Event()

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        self.trips += 1
        await self.let_go.wait()
        raise StoreAway("away")


@pytest.mark.parametrize(("slow_seconds", "trips"), [(0.0, LANES), (60.0, 2 * LANES + 1)])
async def test_who_waits_behind_a_slow_round_trip_hears_of_an_absent_store_with_it(
    monkeypatch: pytest.MonkeyPatch, slow_seconds: float, trips: int
) -> None:
    monkeypatch.setattr(gathering, "SLOW_SECONDS", slow_seconds)
    monkeypatch.setattr(gathering, "MOST", 1)
    hanging = Hanging()
    gather = Gatherer(hanging)
    calls = [asyncio.ensure_future(gather(n)) for n in range(2 * LANES + 1)]
    await eventually(lambda: hanging.trips == LANES, what="all lanes are taken")
    hanging.let_go.set()
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert all(isinstance(answer, StoreAway) for answer in answers)
    assert hanging.trips == trips


async def test_a_caller_who_gives_up_disturbs_nobody() -> None:
    gather = Gatherer(Doubling())
    impatient = asyncio.create_task(gather(1))
    patient = asyncio.create_task(gather(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 4
    with pytest.raises(asyncio.CancelledError):
        await impatient
