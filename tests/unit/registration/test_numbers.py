"""Codes without gaps and without doubles, references without doubles, whatever races or breaks."""

from __future__ import annotations

import asyncio
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.registration.application.allocate_code import allocate_code
from services.registration.application.number_requests import References
from services.registration.application.stores import ALLOCATIONS, SERIES
from services.registration.domain.numbers import action_code, reference, series_id
from shared.clock import ManualClock
from shared.contracts.envelope import Actor
from shared.store import MemoryDocuments, Origin, Store, StoreAway
from tests.support.intercepted_documents import Intercepted
from tests.unit.registration.samples import NOW

ORIGIN = Origin(actor=Actor(kind="system", id="registration", role="system"), correlation_id="cor_1")


class Weather:
    """Lets others go first at every step, and lets the database go away before or after some of them."""

    def __init__(self, seed: int, away: float) -> None:
        self._random = random.Random(seed)
        self._away = away

    async def __call__(self, operation: str, id_: str) -> None:
        for _ in range(self._random.randrange(6)):
            await asyncio.sleep(0)
        if self._random.random() < self._away:
            raise StoreAway(f"{operation} {id_}")


def _stores(seed: int, away: float) -> tuple[Store[Any], Store[Any]]:
    weather = Weather(seed, away)
    clock = ManualClock(NOW)
    made = [
        Store(kind, Intercepted(MemoryDocuments(kind.name), before=weather, after=weather), clock)
        for kind in (SERIES, ALLOCATIONS)
    ]
    return made[0], made[1]


@settings(max_examples=60, deadline=None)
@given(
    calls=st.lists(st.sampled_from([f"act_{n}" for n in range(6)]), min_size=1, max_size=20),
    seed=st.integers(0, 2**32),
    away=st.sampled_from([0.0, 0.05, 0.2]),
)
def test_codes_are_gapless_and_an_action_keeps_its_own(calls: list[str], seed: int, away: float) -> None:
    """Any number of processes at once, repeats among them, with crashes at any step; each call is repeated until it
    is answered, as a redelivered event is."""

    async def story() -> dict[str, set[str]]:
        series, allocations = _stores(seed, away)
        given_: dict[str, set[str]] = {action: set() for action in calls}

        async def one(action: str) -> None:
            while True:
                try:
                    given_[action].add(await allocate_code(series, allocations, action, 2031, ORIGIN))
                    return
                except StoreAway:
                    continue

        await asyncio.gather(*(one(action) for action in calls))
        await asyncio.gather(*(one(action) for action in calls))
        return given_

    given_ = asyncio.run(story())
    assert all(len(codes) == 1 for codes in given_.values())
    wanted = [action_code(2031, n) for n in range(1, len(given_) + 1)]
    assert sorted(code for codes in given_.values() for code in codes) == wanted


async def test_a_series_does_not_grow_with_the_actions_of_a_year() -> None:
    series, allocations = _stores(1, 0.0)
    sizes = []
    for n in range(60):
        await allocate_code(series, allocations, f"act_{n:04d}", 2031, ORIGIN)
        document = await series.documents.get(series_id("codes", 2031))
        sizes.append(len(str(document["state"] if document else "")))
    assert max(sizes) - min(sizes) <= 1


async def test_years_are_counted_apart() -> None:
    series, allocations = _stores(1, 0.0)
    codes = [await allocate_code(series, allocations, f"act_{y}", y, ORIGIN) for y in (2031, 2032)]
    assert codes == ["2031-01", "2032-01"]


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), block=st.integers(1, 7), away=st.sampled_from([0.0, 0.1]))
def test_no_reference_is_given_twice(seed: int, block: int, away: float) -> None:
    """Three processes, each with a block of its own, some of which break."""

    async def story() -> list[str]:
        series, _ = _stores(seed, away)
        desks = [References(series, block) for _ in range(3)]

        async def one(n: int) -> str | None:
            try:
                return await desks[n % 3].next(2031)
            except StoreAway:
                return None

        return [r for r in await asyncio.gather(*(one(n) for n in range(40))) if r is not None]

    given_ = asyncio.run(story())
    assert len(set(given_)) == len(given_)


def test_numbers_grow_wider_when_they_must() -> None:
    assert [reference(2031, n) for n in (1, 12345)] == ["REQ-2031-0001", "REQ-2031-12345"]
    assert [action_code(2031, n) for n in (7, 42, 123)] == ["2031-07", "2031-42", "2031-123"]
