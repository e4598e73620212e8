"""Calls that come together share a round trip, and nobody gets another one's answer or fault."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from shared.store.errors import StoreAway
from shared.store.gathering import MOST, Gatherer


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


async def test_a_caller_who_gives_up_disturbs_nobody() -> None:
    gather = Gatherer(Doubling())
    impatient = asyncio.create_task(gather(1))
    patient = asyncio.create_task(gather(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == 4
    with pytest.raises(asyncio.CancelledError):
        await impatient
