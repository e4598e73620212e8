"""A deadline fires once, at the instant the document carries, whoever died on the way."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from shared.clock import ManualClock
from shared.store import Alarm, DeadlinePassed, Deadlines, Decision, Documents, Store, StoreAway
from shared.store.document import to_ms
from tests.integration.store.conftest import Open
from tests.support.eventually import eventually
from tests.support.intercepted_documents import AwayOnce, Intercepted
from tests.support.sample_case import START, Case, case_store, noting, outbox_notes, step

HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=10)


async def waking(store: Store[Case], id_: str, **wakes: datetime) -> None:
    """Let the case carry these deadlines and no others."""
    await store.change(id_, step(), lambda case: Decision((case or Case()).model_copy(update={"wakes": wakes})))


def runner(store: Store[Case], clock: ManualClock, fired: list[str] | None = None) -> Deadlines:
    """A replica that notes the name of each deadline."""

    async def fire(id_: str, cause: DeadlinePassed) -> None:
        if fired is not None:
            fired.append(f"{id_} {cause.name}")
        await store.change(id_, cause, noting(cause.name))

    return Deadlines("sample", [Alarm(store, fire)], clock, every=timedelta(milliseconds=5), lease=LEASE)


@asynccontextmanager
async def running(*runners: Deadlines) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(each.run()) for each in runners]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def notes(store: Store[Case], id_: str) -> tuple[str, ...]:
    read = await store.read(id_)
    assert read is not None
    return read.state.notes


async def noted(store: Store[Case], cases: int) -> Any:
    """Whether so many cases carry exactly one note."""
    return len((await store.find({"size": 1})).items) == cases


async def test_nothing_fires_before_its_time(store: Store[Case], clock: ManualClock) -> None:
    await waking(store, "case_1", lapse=START + HOUR)
    deadlines = runner(store, clock)
    clock.advance(HOUR - timedelta(milliseconds=1))
    assert await deadlines.fire_due() == 0
    clock.advance(timedelta(milliseconds=1))
    assert await deadlines.fire_due() == 1
    assert await notes(store, "case_1") == ("lapse",)


async def test_the_effect_is_announced_by_the_system(
    store: Store[Case], clock: ManualClock, documents: Documents
) -> None:
    await waking(store, "case_1", lapse=START)
    await runner(store, clock).fire_due()
    document = await documents.get("case_1")
    assert outbox_notes(document) == [(1, "lapse")]
    assert document is not None
    assert '"actor":{"kind":"system","id":"sample","role":"system"' in document["outbox"][0]["value"]
    assert document["correlation_id"] == "cor_sample"


async def test_two_competing_replicas_fire_each_deadline_once(
    store: Store[Case], open_documents: Open, clock: ManualClock
) -> None:
    other = case_store(await open_documents(), clock)
    ids = [f"case_{n}" for n in range(20)]
    for id_ in ids:
        await waking(store, id_, lapse=START + HOUR)
    fired: list[str] = []
    clock.advance(HOUR)
    async with running(runner(store, clock, fired), runner(other, clock, fired)):
        await eventually(lambda: noted(store, len(ids)), what="every deadline fired")
    assert [await notes(store, id_) for id_ in ids] == [("lapse",)] * len(ids)
    assert sorted(fired) == sorted(f"{id_} lapse" for id_ in ids)


async def test_a_replica_that_dies_after_the_claim_is_followed_by_another(
    store: Store[Case], clock: ManualClock, documents: Documents
) -> None:
    await waking(store, "case_1", lapse=START)
    claimed = await documents.claim_due(now_ms=to_ms(clock.now()), until_ms=to_ms(clock.now() + LEASE))
    assert claimed is not None
    assert claimed["_id"] == "case_1"
    survivor = runner(store, clock)
    clock.advance(LEASE - timedelta(milliseconds=1))
    assert await survivor.fire_due() == 0
    clock.advance(timedelta(milliseconds=1))
    assert await survivor.fire_due() == 1
    assert await notes(store, "case_1") == ("lapse",)


async def test_a_replica_that_lost_its_claim_has_no_effect_when_it_comes_back(
    store: Store[Case], clock: ManualClock
) -> None:
    await waking(store, "case_1", lapse=START)
    await runner(store, clock).fire_due()
    slow = DeadlinePassed(origin=step().origin, name="lapse", at=START)
    assert not (await store.change("case_1", slow, noting("again"))).applied
    assert not (await store.change("case_2", slow, noting("again"))).applied
    assert await notes(store, "case_1") == ("lapse",)
    assert await store.read("case_2") is None


async def test_a_deadline_moved_before_it_came_does_not_fire(store: Store[Case], clock: ManualClock) -> None:
    await waking(store, "case_1", lapse=START + HOUR)
    await waking(store, "case_1", lapse=START + 2 * HOUR)
    clock.advance(HOUR)
    deadlines = runner(store, clock)
    assert await deadlines.fire_due() == 0
    clock.advance(HOUR)
    assert await deadlines.fire_due() == 1
    await waking(store, "case_2", lapse=START + 3 * HOUR)
    await waking(store, "case_2")
    clock.advance(HOUR)
    assert await deadlines.fire_due() == 0


async def test_a_deadline_moved_between_claim_and_effect_does_not_fire(store: Store[Case], clock: ManualClock) -> None:
    await waking(store, "case_1", lapse=START)
    applied: list[bool] = []

    async def fire(id_: str, cause: DeadlinePassed) -> None:
        if not applied:
            await waking(store, id_, lapse=START + HOUR)
        applied.append((await store.change(id_, cause, noting("lapse"))).applied)

    deadlines = Deadlines("sample", [Alarm(store, fire)], clock)
    await deadlines.fire_due()
    assert applied == [False]
    clock.advance(HOUR)
    await deadlines.fire_due()
    assert applied == [False, True]


async def test_a_fired_deadline_does_not_come_back_with_the_next_change(store: Store[Case], clock: ManualClock) -> None:
    """Even where the state still names it; a new instant under the same name is a new deadline."""
    await waking(store, "case_1", lapse=START, other=START + HOUR)
    deadlines = runner(store, clock)
    assert await deadlines.fire_due() == 1
    await store.change("case_1", step(), noting("later"))
    assert await deadlines.fire_due() == 0
    clock.advance(HOUR)
    assert await deadlines.fire_due() == 1
    await store.change("case_1", step(), noting("latest"))
    assert await deadlines.fire_due() == 0
    await waking(store, "case_1", lapse=START + timedelta(minutes=1))
    assert await deadlines.fire_due() == 1
    assert await notes(store, "case_1") == ("lapse", "later", "other", "latest", "lapse")


async def test_deadlines_due_together_fire_in_their_order(store: Store[Case], clock: ManualClock) -> None:
    await waking(store, "case_1", second=START + 2 * HOUR, first=START + HOUR, third=START + 9 * HOUR)
    await waking(store, "case_2", early=START + timedelta(minutes=1))
    clock.advance(3 * HOUR)
    fired: list[str] = []
    deadlines = runner(store, clock, fired)
    assert await deadlines.fire_due() == 3
    assert fired == ["case_2 early", "case_1 first", "case_1 second"]
    assert await notes(store, "case_1") == ("first", "second")


async def test_a_deadline_within_a_millisecond_fires_after_it_and_never_before(
    store: Store[Case], clock: ManualClock
) -> None:
    await waking(store, "case_1", lapse=START + timedelta(microseconds=123_456))
    clock.advance(timedelta(microseconds=123_400))
    assert await runner(store, clock).fire_due() == 0
    clock.advance(timedelta(microseconds=600))
    assert await runner(store, clock).fire_due() == 1
    assert await notes(store, "case_1") == ("lapse",)


async def test_a_store_away_or_a_failing_use_case_does_not_end_the_runner(
    documents: Documents, clock: ManualClock
) -> None:
    away = AwayOnce("replace", error=StoreAway)
    flaky, steady = case_store(Intercepted(documents, before=away), clock), case_store(documents, clock)
    broken = AwayOnce("case_2", error=RuntimeError)
    for id_ in ("case_1", "case_2", "case_3"):
        await waking(steady, id_, lapse=START)

    async def fire(id_: str, cause: DeadlinePassed) -> None:
        await broken(id_, id_)
        await flaky.change(id_, cause, noting(cause.name))

    deadlines = Deadlines("sample", [Alarm(flaky, fire)], clock, every=timedelta(milliseconds=5), lease=LEASE)
    async with running(deadlines):
        await eventually(lambda: away.happened and broken.happened, what="both failures")
        clock.advance(LEASE)

        await eventually(lambda: noted(steady, 3), what="every deadline fired after all")


async def test_a_refused_deadline_is_left_and_seen_as_late(store: Store[Case], clock: ManualClock) -> None:
    await waking(store, "case_1", lapse=START)

    async def fire(id_: str, cause: DeadlinePassed) -> None:
        raise RuntimeError("planted")

    deadlines = Deadlines("sample", [Alarm(store, fire)], clock)
    assert await deadlines.late() == 0
    assert await deadlines.fire_due() == 0
    clock.advance(timedelta(minutes=1, milliseconds=1))
    assert await deadlines.late() == 1
    assert await runner(store, clock).fire_due() == 1
    assert await deadlines.late() == 0


async def test_a_runner_that_is_cancelled_ends_wherever_it_is(store: Store[Case], clock: ManualClock) -> None:
    """PyMongo reports a cancelled call as a lost connection; taken for the database being away, it would go on."""
    await waking(store, "case_1", lapse=START + HOUR)
    for turns in (*range(60), *range(60, 600, 20)):
        task = asyncio.create_task(Deadlines("sample", [Alarm(store, _never)], clock, every=timedelta(0)).run())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=5)
        assert done, f"still running 5 s after it was cancelled {turns} turns of the loop after its start"


async def _never(id_: str, cause: DeadlinePassed) -> None:
    raise AssertionError("nothing is due")


async def test_deadlines_that_fail_hold_up_no_other(store: Store[Case], clock: ManualClock) -> None:
    bad = [f"bad_{n:02}" for n in range(60)]
    for id_ in bad:
        await waking(store, id_, review=START + HOUR)
    await waking(store, "good", review=START + 2 * HOUR)
    fired: list[str] = []

    async def fire(id_: str, cause: DeadlinePassed) -> None:
        fired.append(id_)
        if id_ != "good":
            raise ValueError("planted")
        await store.change(id_, cause, noting(cause.name))

    replica = Deadlines("sample", [Alarm(store, fire)], clock, lease=LEASE)
    clock.advance(3 * HOUR)
    assert await replica.fire_due() == 1
    assert sorted(fired) == [*bad, "good"]
    assert await replica.fire_due() == 0, "what failed stays claimed"
    clock.advance(LEASE + timedelta(milliseconds=1))
    fired.clear()
    assert await replica.fire_due() == 0
    assert sorted(fired) == bad, "and is tried again after its lease"
