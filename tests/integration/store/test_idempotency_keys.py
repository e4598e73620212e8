"""A command under an idempotency key is done once and answered alike, for 24 hours."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.clock import ManualClock
from shared.errors import StaleVersion
from shared.store import Answer, AnswerLetGo, Decision, Documents, KeyReused, Store, StoreAway, TooManyKeys, writing
from shared.store.document import to_ms
from shared.store.store import FORGOTTEN_AT_ONCE
from shared.store.writing import ANSWERS_KEPT_MOST
from tests.integration.store.conftest import Open
from tests.support.intercepted_documents import AwayOnce, Intercepted
from tests.support.sample_case import CASES, START, Case, case_store, command, noting, opening, outbox_notes, step


async def test_a_repeated_creation_gets_the_same_answer(store: Store[Case]) -> None:
    first = await store.create(command(), "req", opening("first"))
    assert first.stored is not None
    await store.change(first.stored.id, step(), noting("meanwhile"))
    second = await store.create(command(), "req", opening("first"))
    assert (first.applied, second.applied) == (True, False)
    assert first.answer == Answer(201, {"id": first.stored.id, "version": 1, "notes": ["first"]})
    assert second.answer == first.answer
    assert len((await store.find()).items) == 1


async def test_a_repeated_change_has_one_effect_and_the_same_answer(store: Store[Case]) -> None:
    await store.change("case_1", step(), noting("a"))
    first = await store.change("case_1", command(expected_version=1), noting("b"))
    await store.change("case_1", step(), noting("c"))
    second = await store.change("case_1", command(expected_version=1), noting("b"))
    assert (second.applied, second.answer) == (False, first.answer)
    assert first.answer == Answer(201, {"id": "case_1", "version": 2, "notes": ["a", "b"]})
    assert second.stored is not None
    assert second.stored.state.notes == ("a", "b", "c")


async def test_a_command_that_changes_nothing_is_answered_alike_too(store: Store[Case]) -> None:
    await store.change("case_1", step(), noting("a"))
    first = await store.change("case_1", command(), lambda case: Decision(case))
    assert first.answer == Answer(201, {"id": "case_1", "version": 1, "notes": ["a"]})
    await store.change("case_1", step(), noting("b"))
    second = await store.change("case_1", command(), noting("never"))
    assert (second.applied, second.answer) == (False, first.answer)
    with pytest.raises(KeyReused):
        await store.change("case_1", command(fingerprint="other"), noting("never"))


async def test_the_same_key_with_another_body_is_refused(store: Store[Case]) -> None:
    created = await store.create(command(), "req", opening("first"))
    assert created.stored is not None
    with pytest.raises(KeyReused):
        await store.create(command(fingerprint="other"), "req", opening("second"))
    await store.change(created.stored.id, command("key-2"), noting("second"))
    with pytest.raises(KeyReused):
        await store.change(created.stored.id, command("key-2", fingerprint="other"), noting("third"))
    found = await store.find()
    assert [stored.state.notes for stored in found.items] == [("first", "second")]


async def test_a_key_belongs_to_its_caller(store: Store[Case]) -> None:
    mine = await store.create(command(caller="per_1"), "req", opening("mine"))
    yours = await store.create(command(caller="per_2", fingerprint="other"), "req", opening("yours"))
    assert mine.stored is not None
    assert yours.stored is not None
    assert mine.stored.id != yours.stored.id
    assert (await store.change(mine.stored.id, command(caller="per_3"), noting("theirs"))).applied


async def test_of_32_racing_creations_under_one_key_one_is_done(store: Store[Case], open_documents: Open) -> None:
    replica = case_store(await open_documents())
    outcomes = await asyncio.gather(
        *((store if n % 2 else replica).create(command(), "req", opening("first")) for n in range(32))
    )
    assert sum(outcome.applied for outcome in outcomes) == 1
    first = outcomes[0].answer
    assert first is not None
    assert all(outcome.answer == first for outcome in outcomes)
    (stored,) = (await store.find()).items
    assert stored.id == first.body["id"]
    assert outbox_notes(await store.documents.get(stored.id)) == [(1, "first")]


async def test_of_32_racing_changes_under_one_key_one_is_done(store: Store[Case], open_documents: Open) -> None:
    replica = case_store(await open_documents())
    await store.change("case_1", step(), noting("a"))
    outcomes = await asyncio.gather(
        *((store if n % 2 else replica).change("case_1", command(), noting("b")) for n in range(32))
    )
    assert sum(outcome.applied for outcome in outcomes) == 1
    assert all(outcome.answer == outcomes[0].answer for outcome in outcomes)
    read = await store.read("case_1")
    assert read is not None
    assert read.state.notes == ("a", "b")


async def test_a_key_is_kept_for_24_hours(store: Store[Case], clock: ManualClock) -> None:
    first = await store.create(command(), "req", opening("first"))
    clock.advance(timedelta(hours=24) - timedelta(milliseconds=1))
    repeated = await store.create(command(), "req", opening("first"))
    assert repeated.answer == first.answer
    clock.advance(timedelta(milliseconds=1))
    new = await store.create(command(fingerprint="other"), "req", opening("second"))
    assert new.applied
    assert first.stored is not None
    assert new.stored is not None
    assert new.stored.id != first.stored.id
    again = await store.create(command(fingerprint="other"), "req", opening("second"))
    assert (again.applied, again.answer) == (False, new.answer)
    assert len((await store.find()).items) == 2


async def kept(documents: Documents, id_: str) -> set[int]:
    """The instants (ms) of the keys a document keeps, with or without their answers."""
    document = await documents.get(id_)
    assert document is not None
    assert document["answers_since"] == min((answer["at"] for answer in document["answers"].values()), default=0)
    return {answer["at"] for answer in document["answers"].values()}


async def test_answers_are_forgotten_at_the_end_of_their_time_also_where_nobody_writes_any_more(
    store: Store[Case], documents: Documents, clock: ManualClock
) -> None:
    """An answer holds what the object was, such as an address that has been corrected since."""
    await store.change("case_1", command("key-1"), noting("old address"))
    await store.change("case_2", step(), noting("without a key"))
    clock.advance(timedelta(hours=1))
    await store.change("case_1", command("key-2"), noting("new address"))
    second = to_ms(clock.now())
    clock.advance(timedelta(hours=23) - timedelta(milliseconds=1))
    assert await store.forget_answers() == 0
    before = await documents.get("case_1")
    assert before is not None
    clock.advance(timedelta(milliseconds=1))
    assert await store.forget_answers() == 1
    assert await kept(documents, "case_1") == {second}
    after = await documents.get("case_1")
    assert after is not None
    changed = {field for field in before if after[field] != before[field]}
    assert changed - {"writes"} == {"revision", "answers", "answers_since"}, "no decision: version and time stay"
    assert (await store.change("case_1", command("key-2"), noting("again"))).applied is False
    assert await store.forget_answers() == 0
    clock.advance(timedelta(hours=1))
    assert await store.forget_answers() == 1
    assert await kept(documents, "case_1") == set()
    assert await store.forget_answers() == 0


async def test_of_replicas_that_forget_and_write_side_by_side_none_undoes_the_other(
    store: Store[Case], open_documents: Open, clock: ManualClock
) -> None:
    replica = case_store(await open_documents(), clock)
    ids = [f"case_{n:02}" for n in range(FORGOTTEN_AT_ONCE + 5)]
    for id_ in ids:
        await store.change(id_, command("key-1"), noting("first", announce=False))
    clock.advance(timedelta(hours=24))
    writes = (replica.change(id_, command("key-2"), noting("second", announce=False)) for id_ in ids[::5])
    await asyncio.gather(store.forget_answers(), replica.forget_answers(), *writes)
    await store.forget_answers()
    assert [len(await kept(store.documents, id_)) for id_ in ids] == [n % 5 == 0 for n in range(len(ids))]
    read = await store.read_many(ids)
    assert [read[id_].state.notes for id_ in ids] == [
        ("first", "second") if n % 5 == 0 else ("first",) for n in range(len(ids))
    ]


async def test_a_kind_that_keeps_no_answers_takes_no_command_under_a_key(documents: Documents) -> None:
    store = Store(replace(CASES, answers=False), documents, ManualClock(START))
    with pytest.raises(TypeError, match="keeps no answers"):
        await store.change("case_1", command(), noting("a"))
    assert (await store.change("case_1", command(None), noting("a"))).applied


async def test_a_creation_is_remembered_while_many_other_commands_come(store: Store[Case]) -> None:
    """Answers of a document are bounded, but a repeated creation never makes a second object."""
    first = await store.create(command(), "req", opening("first"))
    assert first.stored is not None
    for n in range(105):
        await store.change(first.stored.id, command(f"other-{n}"), noting("x", announce=False))
    repeated = await store.create(command(), "req", opening("first"))
    assert (repeated.applied, repeated.answer) == (False, first.answer)


async def test_of_more_commands_than_answers_are_kept_none_is_done_twice(store: Store[Case]) -> None:
    """The 101st command lets an answer go, never its key: a repeat is refused as done, another body as reused."""
    await store.change("case_1", step(), noting("first"))
    for n in range(ANSWERS_KEPT_MOST + 2):
        await store.change("case_1", command(f"key-{n}"), noting(str(n), announce=False))
    for n in (0, 1):
        with pytest.raises(AnswerLetGo, match="was done at 2027-03-01 09:00:00 UTC"):
            await store.change("case_1", command(f"key-{n}"), noting("again"))
        with pytest.raises(KeyReused):
            await store.change("case_1", command(f"key-{n}", fingerprint="other"), noting("again"))
    assert (await store.change("case_1", command("key-2"), noting("again"))).answer is not None
    read = await store.read("case_1")
    assert read is not None
    assert "again" not in read.state.notes


async def test_a_key_that_cannot_be_remembered_is_refused_until_the_oldest_is_over(
    store: Store[Case], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "KEYS_KEPT_MOST", 3)
    for n in range(3):
        await store.change("case_1", command(f"key-{n}"), noting(str(n)))
    clock.advance(timedelta(hours=23))
    with pytest.raises(TooManyKeys) as refused:
        await store.change("case_1", command("key-3"), noting("3"))
    assert refused.value.again_after == timedelta(hours=1)
    assert (await store.change("case_1", command("key-0"), noting("again"))).answer is not None
    assert (await store.change("case_1", command(None), noting("without"))).applied
    clock.advance(timedelta(hours=1))
    assert (await store.change("case_1", command("key-3"), noting("3"))).applied
    read = await store.read("case_1")
    assert read is not None
    assert read.state.notes == ("0", "1", "2", "without", "3")


async def test_without_a_key_every_command_counts(store: Store[Case]) -> None:
    for _ in range(2):
        outcome = await store.create(command(None), "req", opening("first"))
        assert outcome.answer is not None
        assert outcome.answer.body["notes"] == ["first"]
    assert len((await store.find()).items) == 2


@pytest.mark.parametrize("way", ["create", "change"])
async def test_a_crash_between_write_and_answer_is_healed_by_repeating(documents: Documents, way: str) -> None:
    crash = AwayOnce("insert", "replace", error=StoreAway)
    flaky = case_store(Intercepted(documents, after=crash))
    steady = case_store(documents)
    if way == "change":
        await steady.change("case_1", step(), noting("a"))

    async def ask(store: Store[Case]) -> Answer | None:
        if way == "create":
            return (await store.create(command(), "req", opening("b"))).answer
        return (await store.change("case_1", command(), noting("b"))).answer

    with pytest.raises(StoreAway):
        await ask(flaky)
    assert crash.happened
    answer = await ask(steady)
    assert answer is not None
    (stored,) = (await steady.find()).items
    assert stored.state.notes[-1] == "b"
    assert stored.state.notes.count("b") == 1
    assert answer.body["notes"] == list(stored.state.notes)


@pytest.mark.parametrize("key", [None, "k1"])
async def test_what_is_made_only_now_has_no_version_to_expect(store: Store[Case], key: str | None) -> None:
    with pytest.raises(StaleVersion):
        await store.create(command(key=key, expected_version=7), "req", opening("first"))
    assert (await store.find()).items == ()
