"""A decision changes one document in one write, whoever else is writing."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from shared.clock import ManualClock
from shared.errors import NotFound, StaleVersion
from shared.store import Decision, Documents, MemoryDocuments, Store
from tests.integration.store.conftest import Open
from tests.support.sample_case import START, Case, case_store, command, noting, opening, outbox_notes, step

RACING = 32


async def test_what_was_created_is_read_back(store: Store[Case], clock: ManualClock) -> None:
    outcome = await store.create(step("cor_first"), "req", opening("first"))
    assert outcome.applied
    assert outcome.stored is not None
    assert outcome.stored.id.startswith("req_")
    read = await store.read(outcome.stored.id)
    assert read == outcome.stored
    assert (read.state, read.version, read.correlation_id) == (Case(notes=("first",)), 1, "cor_first")
    assert read.created_at == read.updated_at == START


async def test_a_change_counts_and_keeps_when_the_case_began(store: Store[Case], clock: ManualClock) -> None:
    await store.change("case_1", step("cor_first"), noting("a"))
    later = clock.advance(timedelta(minutes=1))
    outcome = await store.change("case_1", step("cor_other"), noting("b"))
    read = await store.read("case_1")
    assert read is not None
    assert read == outcome.stored
    assert (read.state.notes, read.version, read.correlation_id) == (("a", "b"), 2, "cor_first")
    assert (read.created_at, read.updated_at) == (START, later)


async def test_an_unknown_id_is_none_and_is_left_out_of_many(store: Store[Case]) -> None:
    await store.change("case_1", step(), noting("a"))
    assert await store.read("case_2") is None
    many = await store.read_many(["case_1", "case_2"])
    assert list(many) == ["case_1"]
    assert await store.read_many([]) == {}


async def test_of_32_racing_changes_none_is_lost(store: Store[Case], open_documents: Open, clock: ManualClock) -> None:
    replica = case_store(await open_documents(), clock)
    wanted = {f"note {n}" for n in range(RACING)}
    await asyncio.gather(
        *((store if n % 2 else replica).change("case_1", step(), noting(f"note {n}")) for n in range(RACING))
    )
    read = await store.read("case_1")
    assert read is not None
    assert set(read.state.notes) == wanted
    assert (len(read.state.notes), read.version) == (RACING, RACING)
    announced = outbox_notes(await store.documents.get("case_1"))
    assert announced == list(enumerate(read.state.notes, start=1))


async def test_racing_calls_on_the_memory_twin_meet_each_other() -> None:
    """Otherwise the twin would prove nothing about races."""
    tries: list[str] = []

    def decide(case: Case | None) -> Decision[Case]:
        tries.append("try")
        return noting("x")(case)

    store = case_store(MemoryDocuments("cases"))
    await asyncio.gather(*(store.change("case_1", step(), decide) for _ in range(8)))
    assert len(tries) > 8


async def test_a_refusal_in_the_decision_changes_nothing(store: Store[Case], documents: Documents) -> None:
    await store.change("case_1", step(), noting("a"))
    before = await documents.get("case_1")

    def refuse(case: Case | None) -> Decision[Case]:
        raise NotFound("no such case")

    for id_ in ("case_1", "case_2"):
        with pytest.raises(NotFound):
            await store.change(id_, command(), refuse)
    with pytest.raises(NotFound):
        await store.create(command(), "req", lambda _id: refuse(None))
    assert await documents.get("case_1") == before
    assert await documents.get("case_2") is None
    assert (await store.find()).items == (await store.read("case_1"),)


async def test_a_decision_for_what_stands_already_writes_nothing(store: Store[Case], documents: Documents) -> None:
    await store.change("case_1", step(), noting("a"))
    before = await documents.get("case_1")
    outcome = await store.change("case_1", step(), lambda case: Decision(case))
    assert await documents.get("case_1") == before
    assert outcome.applied
    assert outcome.stored is not None
    assert outcome.stored.version == 1


async def test_an_edit_of_an_outdated_version_is_refused(store: Store[Case]) -> None:
    await store.change("case_1", step(), noting("a"))
    await store.change("case_1", step(), noting("b"))
    with pytest.raises(StaleVersion) as refused:
        await store.change("case_1", command(None, expected_version=1), noting("c"))
    assert "version 2" in refused.value.detail
    outcome = await store.change("case_1", command(None, expected_version=2), noting("c"))
    assert outcome.stored is not None
    assert outcome.stored.state.notes == ("a", "b", "c")


async def test_of_racing_edits_of_one_version_one_wins(store: Store[Case], open_documents: Open) -> None:
    replica = case_store(await open_documents())
    await store.change("case_1", step(), noting("a"))
    results = await asyncio.gather(
        *(
            (store if n % 2 else replica).change("case_1", command(f"key-{n}", expected_version=1), noting(f"edit {n}"))
            for n in range(RACING)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(result, StaleVersion) for result in results) == RACING - 1
    read = await store.read("case_1")
    assert read is not None
    assert (len(read.state.notes), read.version) == (2, 2)


async def test_many_are_created_at_once_and_repeatably(store: Store[Case], documents: Documents) -> None:
    states = {f"case_{n}": Case(notes=(str(n),)) for n in range(5)}
    assert (await store.create_all(step(), {k: states[k] for k in ("case_0", "case_1")})).new == 2
    await store.change("case_0", step(), noting("changed"))
    assert (await store.create_all(step(), states)).new == 3
    assert (await store.create_all(step(), states)).new == 0
    assert (await store.create_all(step(), {})).new == 0
    read = await store.read_many(list(states))
    assert len(read) == 5
    assert read["case_0"].state.notes == ("0", "changed")


async def test_a_document_is_deleted_only_at_the_right_revision(store: Store[Case], documents: Documents) -> None:
    await store.change("case_1", step(), noting("a"))
    assert not await documents.delete("case_1", 0)
    assert not await documents.delete("case_2", 1)
    assert await documents.delete("case_1", 1)
    assert await store.read("case_1") is None
