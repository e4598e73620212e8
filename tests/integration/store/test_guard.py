"""An event has its effect once and in order, however often it comes."""

from __future__ import annotations

import asyncio

import pytest

from shared.store import Decision, Documents, SequenceGap, Store
from tests.integration.store.conftest import Open
from tests.support.sample_case import Case, case_store, happened, noting, outbox_notes, step


async def notes(store: Store[Case], id_: str = "case_1") -> tuple[str, ...]:
    read = await store.read(id_)
    assert read is not None
    return read.state.notes


async def test_the_same_event_twice_has_one_effect(store: Store[Case], documents: Documents) -> None:
    first = await store.change("case_1", happened(1), noting("one"))
    before = await documents.get("case_1")
    second = await store.change("case_1", happened(1), noting("one"))
    assert (first.applied, second.applied) == (True, False)
    assert second.stored == first.stored
    assert await documents.get("case_1") == before


async def test_an_older_event_has_no_effect(store: Store[Case]) -> None:
    for sequence in (1, 2, 3):
        await store.change("case_1", happened(sequence), noting(str(sequence)))
    assert not (await store.change("case_1", happened(2), noting("again"))).applied
    assert await notes(store) == ("1", "2", "3")


async def test_the_same_event_racing_has_one_effect(store: Store[Case], open_documents: Open) -> None:
    replica = case_store(await open_documents())
    outcomes = await asyncio.gather(
        *((store if n % 2 else replica).change("case_1", happened(1), noting("one")) for n in range(32))
    )
    assert sum(outcome.applied for outcome in outcomes) == 1
    assert await notes(store) == ("one",)
    assert outbox_notes(await store.documents.get("case_1")) == [(1, "one")]


@pytest.mark.parametrize(("seen", "comes"), [(0, 2), (1, 3)])
async def test_a_gap_on_a_topic_kept_for_ever_is_refused(
    store: Store[Case], documents: Documents, seen: int, comes: int
) -> None:
    for sequence in range(1, seen + 1):
        await store.change("case_1", happened(sequence), noting(str(sequence)))
    before = await documents.get("case_1")
    with pytest.raises(SequenceGap) as gap:
        await store.change("case_1", happened(comes), noting("early"))
    assert (gap.value.seen, gap.value.sequence) == (seen, comes)
    assert await documents.get("case_1") == before
    assert (await store.change("case_1", happened(seen + 1), noting("next"))).applied
    assert (await store.change("case_1", happened(seen + 2), noting("after"))).applied


async def test_a_gap_on_a_compacted_topic_is_normal(store: Store[Case]) -> None:
    source = "registration.experts/exp_1"
    assert (await store.change("case_1", happened(4, source, contiguous=False), noting("four"))).applied
    assert (await store.change("case_1", happened(9, source, contiguous=False), noting("nine"))).applied
    assert not (await store.change("case_1", happened(7, source, contiguous=False), noting("seven"))).applied
    assert await notes(store) == ("four", "nine")


async def test_sources_are_guarded_one_by_one(store: Store[Case]) -> None:
    """Also where their names differ only behind a dot or hold signs that mean something to a database."""
    sources = ["a.b/c", "a.b/d", "a", "a.b", "$set", "ä ö", "0"]
    for source in sources:
        await store.change("case_1", happened(1, source), noting(source))
    for source in sources:
        assert not (await store.change("case_1", happened(1, source), noting("again"))).applied
        assert (await store.change("case_1", happened(2, source), noting(f"{source} 2"))).applied
    assert await notes(store) == (*sources, *(f"{source} 2" for source in sources))


async def test_an_event_passed_over_advances_the_guard_alone(store: Store[Case], documents: Documents) -> None:
    """A document may hold a guard and nothing else; nobody sees it as an aggregate."""
    outcome = await store.change("case_1", happened(1), lambda case: Decision(case))
    assert (outcome.applied, outcome.stored) == (True, None)
    assert await store.read("case_1") is None
    assert await store.read_many(["case_1"]) == {}
    assert (await store.find()).items == ()
    assert await store.changed_since(None) == []
    assert await documents.pending_depth() == (0, None)

    assert not (await store.change("case_1", happened(1), noting("again"))).applied
    seen: list[Case | None] = []

    def decide(case: Case | None) -> Decision[Case]:
        seen.append(case)
        return noting("two")(case)

    outcome = await store.change("case_1", happened(2), decide)
    assert seen == [None]
    assert outcome.stored is not None
    assert outcome.stored.version == 1


async def test_an_event_passed_over_does_not_count_as_a_version(store: Store[Case]) -> None:
    await store.change("case_1", step(), noting("a"))
    outcome = await store.change("case_1", happened(1), lambda case: Decision(case))
    assert outcome.stored is not None
    assert outcome.stored.version == 1
    assert not (await store.change("case_1", happened(1), noting("again"))).applied
