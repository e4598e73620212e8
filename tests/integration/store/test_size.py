"""No document grows over what MongoDB takes: what would be too large is refused and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from shared.clock import ManualClock
from shared.store import Decision, Documents, ObjectTooLarge, Store
from shared.store.document import Document
from shared.store.size import LARGEST_BYTES, size_of
from shared.store.writing import blank
from tests.support.sample_case import START, Case, command, noting, said, step

MB = 1_000_000
OTHERS = 20
BESIDE_A_SMALL_CACHE = pytest.mark.stand_ins
"""A MongoDB with a small storage cache refuses a write of 16 MB now and then ("will not fit in the storage engine
cache"), so these documents meet a real one in no test; that it takes them is its own promise."""


@pytest.fixture
def patience_ms() -> int:
    """Megabytes take a slow database longer than a service waits."""
    return 60_000


def of_size(id_: str, size: int) -> Document:
    """A document of that many bytes."""
    bare = {**blank(id_, step(), START), "next_deadline": 1, "state": {"notes": [""]}}
    return {**bare, "state": {"notes": ["a" * (size - size_of(bare))]}}


@BESIDE_A_SMALL_CACHE
async def test_a_document_at_the_limit_is_kept_and_lives_on(documents: Documents) -> None:
    largest = of_size("case_1", LARGEST_BYTES)
    assert size_of(largest) == LARGEST_BYTES
    assert await documents.insert(largest)
    assert await documents.replace({**largest, "revision": 1, "pending": 1}, 0)
    assert await documents.claim_due(now_ms=1_900_000_000_000, until_ms=1_900_000_000_001) is not None
    assert await documents.confirm("case_1", 1)
    found = await documents.get("case_1")
    assert found is not None
    assert found["state"] == largest["state"]


async def test_one_byte_more_is_refused_and_nothing_is_changed(documents: Documents) -> None:
    small, too_large = of_size("case_1", 1000), of_size("case_1", LARGEST_BYTES + 1)
    with pytest.raises(ObjectTooLarge):
        await documents.insert(too_large)
    with pytest.raises(ObjectTooLarge):
        await documents.insert_new([of_size("case_2", 1000), too_large])
    assert await documents.get_many(["case_1", "case_2"]) == []
    assert await documents.insert(small)
    with pytest.raises(ObjectTooLarge):
        await documents.replace({**too_large, "revision": 1}, 0)
    found = await documents.get("case_1")
    assert found is not None
    assert (found["revision"], found["state"]) == (0, small["state"])


async def test_one_that_is_refused_spoils_no_write_that_comes_with_it(documents: Documents) -> None:
    done = await asyncio.gather(
        *(documents.insert(of_size(f"case_{n}", LARGEST_BYTES + 1 if n == 3 else 1000)) for n in range(OTHERS)),
        return_exceptions=True,
    )
    assert [type(answer) for answer in done].count(ObjectTooLarge) == 1
    assert done.count(True) == OTHERS - 1


async def test_a_decision_that_would_be_too_large_is_a_refusal_and_the_next_one_is_not(store: Store[Case]) -> None:
    await store.change("case_1", command("k-1"), noting("a"))
    with pytest.raises(ObjectTooLarge) as refused:
        await store.change("case_1", command("k-2"), noting("字" * 6 * MB, announce=False))
    assert refused.value.status == 409
    read = await store.read("case_1")
    assert read is not None
    assert (read.version, read.state.notes) == (1, ("a",))
    assert (await store.change("case_1", command("k-2"), noting("b"))).applied, "the refused command left no key"


def saying_at_length(n: int) -> Callable[[Case | None], Decision[Case]]:
    """Decides on a case of 900 kB."""
    return lambda _: Decision(Case(notes=(f"{n}{'字' * 300_000}",)))


async def test_20_large_decisions_under_keys_stay_within_the_limit(store: Store[Case], clock: ManualClock) -> None:
    for n in range(20):
        clock.advance(timedelta(seconds=1))
        await store.change("case_1", command(f"k-{n}"), saying_at_length(n))
    document = await store.documents.get("case_1")
    assert document is not None
    assert size_of(document) < 3 * MB
    repeated = await store.change("case_1", command("k-19"), noting("never"))
    assert repeated.answer is not None
    assert repeated.answer.body["notes"][0].startswith("19字")


@BESIDE_A_SMALL_CACHE
async def test_what_waits_to_be_published_ends_in_the_refusal_and_goes_on_once_it_is_published(
    store: Store[Case],
) -> None:
    """The broker is away, and a case that says much goes on being written."""

    def saying_much(_: Case | None) -> Decision[Case]:
        return Decision(Case(), (said("字" * 1_500_000),))

    for _ in range(3):
        await store.change("case_1", step(), saying_much)
    with pytest.raises(ObjectTooLarge, match="at most"):
        await store.change("case_1", step(), saying_much)
    document = await store.documents.get("case_1")
    assert document is not None
    assert len(document["outbox"]) == 3
    assert await store.documents.confirm("case_1", document["revision"])
    assert (await store.change("case_1", step(), noting("a"))).applied
