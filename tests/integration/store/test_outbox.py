"""What was decided is announced: kept with the state until it is confirmed, in order, with who and why."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.clock import ManualClock
from shared.contracts import topics
from shared.contracts.envelope import Actor, Envelope
from shared.contracts.events.contacts import ContactRecorded
from shared.store import Decision, Documents, Happened, Store, StoreAway, Tombstone
from shared.store.document import Document, to_ms
from tests.support.intercepted_documents import AwayOnce, Intercepted
from tests.support.sample_case import CASES, START, Case, case_store, happened, noting, origin, outbox_notes, said, step

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
RECORDED = ContactRecorded(contact_id="con_1", kind="staff", name="Sample desk", email="desk@example.org")


def announcing(*announcements: object) -> Callable[[Case | None], Decision[Case]]:
    return lambda case: Decision(case or Case(), announcements)  # type: ignore[arg-type]


async def waiting(documents: Documents, clock: ManualClock, older: timedelta = timedelta(0)) -> list[Document]:
    return await documents.pending(older_than_ms=to_ms(clock.now() - older), limit=10)


async def test_an_announcement_says_who_when_what_and_why(documents: Documents, clock: ManualClock) -> None:
    store = case_store(documents, clock)
    await store.change("case_1", step("cor_first"), noting("a"))
    clock.advance(timedelta(seconds=1))
    officer = Actor(kind="person", id="per_9", role="officer", on_behalf_of="ins_1")
    because = origin("cor_other", actor=officer, causation_id="evt_cause", traceparent=TRACE)
    await store.change("case_1", Happened(origin=because, source="s", sequence=1, contiguous=True), noting("b"))
    document = await documents.get("case_1")
    assert document is not None
    first, second = (Envelope.model_validate_json(entry["value"]) for entry in document["outbox"])
    assert (first.sequence, first.correlation_id, first.causation_id, first.traceparent) == (1, "cor_first", None, None)
    assert second.type == "request.rejected"
    assert second.version == 1
    assert second.occurred_at == clock.now()
    assert second.actor == officer
    assert (second.aggregate.type, second.aggregate.id, second.sequence) == ("request", "case_1", 2)
    assert (second.correlation_id, second.causation_id, second.traceparent) == ("cor_first", "evt_cause", TRACE)
    assert second.data == said("b").model_dump(mode="json")
    assert first.event_id != second.event_id
    entry = document["outbox"][1]
    assert (entry["topic"], entry["key"], entry["sequence"]) == ("registration.requests", "case_1", 2)
    assert entry["event_id"] == second.event_id
    assert entry["headers"] == {
        "event_id": second.event_id,
        "correlation_id": "cor_first",
        "sequence": "2",
        "traceparent": TRACE,
        "type": "request.rejected",
    }


async def test_sequences_are_contiguous_per_topic(store: Store[Case], documents: Documents) -> None:
    """One aggregate that announces on two topics counts on each by itself, also across confirmations."""
    await store.change("case_1", step(), announcing(said("a"), RECORDED, said("b")))
    document = await documents.get("case_1")
    assert document is not None
    assert await documents.confirm("case_1", document["revision"])
    await store.change("case_1", step(), announcing(RECORDED))
    await store.change("case_1", step(), announcing(said("c")))
    await store.change("case_1", step(), noting("silent", announce=False))
    after = await documents.get("case_1")
    assert after is not None
    numbered = [(e["topic"], e["sequence"]) for e in (*document["outbox"], *after["outbox"])]
    assert [n for topic, n in numbered if topic == topics.REQUESTS.name] == [1, 2, 3]
    assert [n for topic, n in numbered if topic == topics.CONTACTS.name] == [1, 2]
    assert [topic for topic, _ in numbered[:3]] == [topics.REQUESTS.name, topics.CONTACTS.name, topics.REQUESTS.name]


async def test_a_tombstone_has_no_value_and_counts(store: Store[Case], documents: Documents) -> None:
    await store.change("case_1", step(), announcing(RECORDED))
    await store.change("case_1", step(), announcing(Tombstone(topics.CONTACTS)))
    document = await documents.get("case_1")
    assert document is not None
    entry = document["outbox"][1]
    assert (entry["topic"], entry["key"], entry["value"], entry["sequence"]) == (
        "registration.contacts",
        "case_1",
        None,
        2,
    )
    assert "type" not in entry["headers"]


async def test_what_a_crash_left_is_found_by_the_sweep(
    store: Store[Case], documents: Documents, clock: ManualClock
) -> None:
    """Nobody was nudged: the document itself says that it waits, and since when."""
    await store.change("case_2", step(), noting("silent", announce=False))
    await store.change("case_1", step(), noting("a"))
    clock.advance(timedelta(seconds=1))
    await store.change("case_3", step(), noting("c"))
    await store.change("case_1", step(), noting("b"))
    assert [d["_id"] for d in await waiting(documents, clock)] == ["case_1", "case_3"]
    assert [d["_id"] for d in await waiting(documents, clock, timedelta(seconds=1))] == ["case_1"]
    assert await waiting(documents, clock, timedelta(seconds=2)) == []
    assert outbox_notes((await waiting(documents, clock))[0]) == [(1, "a"), (2, "b")]
    assert await documents.pending_depth() == (2, to_ms(START))
    assert len(await documents.pending(older_than_ms=to_ms(clock.now()), limit=1)) == 1


async def test_the_writer_nudges_after_the_write_and_only_with_news(documents: Documents) -> None:
    nudged: list[tuple[Document, frozenset[str]]] = []

    def note(_: Documents, document: Document, announced: frozenset[str]) -> None:
        nudged.append(({name: value for name, value in document.items() if name != "writes"}, announced))

    store = case_store(documents, on_announced=note)
    for count in (1, 2):
        await store.change("case_1", happened(count), noting("a"))
        stored = await documents.get("case_1")
        assert stored is not None
        stored.pop("writes", None)
        assert nudged[-1] == (stored, frozenset({stored["outbox"][-1]["event_id"]})), "the last write's own"
    await store.change("case_1", happened(2), noting("a"))
    await store.change("case_1", happened(3), noting("silent", announce=False))
    await store.change("case_2", step(), noting("silent", announce=False))
    assert len(nudged) == 2


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_database_that_goes_away_around_the_write_loses_and_doubles_nothing(
    documents: Documents, moment: str
) -> None:
    """The event comes again, because its offset was not committed."""
    crash = AwayOnce("insert", error=StoreAway)
    flaky = case_store(Intercepted(documents, **{moment: crash}))
    with pytest.raises(StoreAway):
        await flaky.change("case_1", happened(1), noting("a"))
    outcome = await flaky.change("case_1", happened(1), noting("a"))
    assert outcome.applied is (moment == "before")
    assert outbox_notes(await documents.get("case_1")) == [(1, "a")]


async def test_only_what_was_published_is_confirmed(
    store: Store[Case], documents: Documents, clock: ManualClock
) -> None:
    await store.change("case_1", step(), noting("a"))
    (loaded,) = await waiting(documents, clock)
    await store.change("case_1", step(), noting("b"))
    assert not await documents.confirm("case_1", loaded["revision"])
    assert outbox_notes(await documents.get("case_1")) == [(1, "a"), (2, "b")]
    (loaded,) = await waiting(documents, clock)
    assert await documents.confirm("case_1", loaded["revision"])
    assert not await documents.confirm("case_1", loaded["revision"])
    assert not await documents.confirm("case_2", 1)
    assert await waiting(documents, clock) == []
    assert await documents.pending_depth() == (0, None)


async def test_a_confirmation_leaves_the_aggregate_as_it_is(
    store: Store[Case], documents: Documents, clock: ManualClock
) -> None:
    outcome = await store.change("case_1", step(), noting("a"))
    (loaded,) = await waiting(documents, clock)
    clock.advance(timedelta(minutes=1))
    await documents.confirm("case_1", loaded["revision"])
    assert await store.read("case_1") == outcome.stored
    await store.change("case_1", step(), noting("b"))
    assert outbox_notes(await documents.get("case_1")) == [(2, "b")]
    assert await documents.pending_depth() == (1, to_ms(clock.now()))


async def test_a_decision_taken_before_a_confirmation_does_not_bring_back_the_confirmed(documents: Documents) -> None:
    """The writer loaded the document with its outbox, the relay confirms, the writer must not write it back."""
    steady = case_store(documents)
    await steady.change("case_1", step(), noting("a"))

    async def confirm_first(operation: str, id_: str) -> None:
        document = await documents.get(id_)
        if operation == "replace" and document is not None and document["outbox"]:
            assert await documents.confirm(id_, document["revision"])

    await case_store(Intercepted(documents, before=confirm_first)).change("case_1", step(), noting("b"))
    assert outbox_notes(await documents.get("case_1")) == [(2, "b")]


async def test_a_relay_that_loses_beside_other_writes_is_told_so(documents: Documents, clock: ManualClock) -> None:
    """Several replacements share a round trip that tells how many took effect, not which."""
    store = case_store(documents, clock)
    for id_ in ("case_1", "case_2"):
        await store.change(id_, step(), noting("a"))
    stale, other = await documents.get("case_1"), await documents.get("case_2")
    assert stale is not None
    assert other is not None
    await store.change("case_1", step(), noting("b"))
    emptied = {**stale, "outbox": [], "pending": 0, "pending_since": 0, "revision": stale["revision"] + 1}
    lost, won = await asyncio.gather(
        documents.replace(emptied, stale["revision"]),
        documents.replace({**other, "revision": other["revision"] + 1}, other["revision"]),
    )
    assert (lost, won) == (False, True)
    kept = await documents.get("case_1")
    assert kept is not None
    assert len(kept["outbox"]) == 2


async def test_a_kind_that_announces_nothing_refuses_to(documents: Documents, clock: ManualClock) -> None:
    store = Store(replace(CASES, announces=False), documents, clock)
    with pytest.raises(TypeError, match="announces nothing"):
        await store.change("case_1", step(), announcing(said("a")))
    assert await documents.get("case_1") is None
