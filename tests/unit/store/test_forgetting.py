"""Old answers of all kinds are dropped, whatever becomes of one of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from shared.clock import ManualClock
from shared.store import Forgetting, MemoryDocuments, Store
from tests.support.sample_case import CASES, START, Case, command, noting


class _Broken(MemoryDocuments):
    async def answered(self, *, until_ms: int, limit: int) -> list[dict[str, object]]:
        raise RuntimeError("planted")


async def a_day_later(*collections: MemoryDocuments) -> list[Store[Case]]:
    """A store of each, with one command under a key whose time is over."""
    clock = ManualClock(START)
    stores = [Store(CASES, documents, clock) for documents in collections]
    for store in stores:
        await store.change("case_1", command(), noting("a"))
    clock.advance(timedelta(hours=24))
    return stores


async def test_a_kind_that_fails_holds_up_no_other() -> None:
    stores = await a_day_later(_Broken("broken"), MemoryDocuments("sound"))
    assert await Forgetting(stores).forget() == 1


async def test_what_was_left_while_the_database_was_away_is_done_the_next_time() -> None:
    documents = MemoryDocuments("cases")
    forgetting = Forgetting(await a_day_later(documents))
    documents.away = True
    assert await forgetting.forget() == 0
    documents.away = False
    assert await forgetting.forget() == 1


async def test_a_kind_without_answers_is_not_asked() -> None:
    store = Store(replace(CASES, answers=False), _Broken("views"), ManualClock(START))
    assert await Forgetting([store]).forget() == 0
