"""Lists: filtered by declared keys, a page at a time, every aggregate once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.clock import ManualClock
from shared.store import Kind, MongoDocuments, Store
from shared.store.client import close, connect
from shared.store.document import Decision
from tests.support.sample_case import CASES, START, Case, happened, noting, step


async def add(store: Store[Case], id_: str, **fields: Any) -> None:
    await store.change(id_, step(), lambda _: Decision(Case(**fields)))


async def ids(store: Store[Case], keys: Any = None, **options: Any) -> list[str]:
    return [stored.id for stored in (await store.find(keys, **options)).items]


@pytest.mark.parametrize("newest_first", [True, False])
@pytest.mark.parametrize("limit", [1, 3, 4, 11, 12, 50])
async def test_the_cursor_walks_over_all_without_doubling(
    store: Store[Case], clock: ManualClock, newest_first: bool, limit: int
) -> None:
    """Also where several were created in the same millisecond."""
    wanted = [f"case_{n:02}" for n in range(12)]
    for n, id_ in enumerate(wanted):
        await add(store, id_, status="open")
        if n % 4 == 3:
            clock.advance(timedelta(milliseconds=1))
    await add(store, "case_other", status="closed")
    walked: list[str] = []
    cursor: str | None = None
    for _ in range(20):
        page = await store.find({"status": "open"}, limit=limit, after=cursor, newest_first=newest_first)
        assert len(page.items) <= limit
        walked += [stored.id for stored in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert walked == (wanted[::-1] if newest_first else wanted)


async def test_what_is_created_meanwhile_does_not_move_the_pages(store: Store[Case], clock: ManualClock) -> None:
    for n in range(4):
        await add(store, f"case_{n}")
        clock.advance(timedelta(seconds=1))
    first = await store.find(limit=2)
    await add(store, "case_new")
    await store.change("case_3", step(), noting("changed"))
    second = await store.find(limit=2, after=first.next)
    assert [s.id for s in (*first.items, *second.items)] == ["case_3", "case_2", "case_1", "case_0"]
    assert second.next is None


async def test_filters_by_one_value_several_values_none_and_lists(store: Store[Case]) -> None:
    await add(store, "case_1", status="open", themes=("pensions", "care"), owner="per_1")
    await add(store, "case_2", status="closed", themes=("care",), owner=None, notes=("a", "b"))
    await add(store, "case_3", status="parked", themes=(), owner="per_1")
    asked: list[tuple[dict[str, Any], list[str]]] = [
        ({}, ["case_1", "case_2", "case_3"]),
        ({"status": "open"}, ["case_1"]),
        ({"status": ["open", "parked"]}, ["case_1", "case_3"]),
        ({"status": ("open", "parked"), "owner": "per_1"}, ["case_1", "case_3"]),
        ({"status": []}, []),
        ({"status": "nothing"}, []),
        ({"themes": "care"}, ["case_1", "case_2"]),
        ({"themes": "pensions"}, ["case_1"]),
        ({"themes": ["pensions", "care"], "status": "closed"}, ["case_2"]),
        ({"owner": None}, ["case_2"]),
        ({"size": 2}, ["case_2"]),
        ({"size": 0}, ["case_1", "case_3"]),
        ({"size": "2"}, []),
    ]
    for keys, wanted in asked:
        assert await ids(store, keys, newest_first=False) == wanted, keys


async def test_keys_follow_the_state(store: Store[Case]) -> None:
    await add(store, "case_1", status="open", themes=("care",))
    await add(store, "case_1", status="closed", themes=("pensions",))
    assert await ids(store, {"status": "open"}) == await ids(store, {"themes": "care"}) == []
    assert await ids(store, {"status": "closed", "themes": "pensions"}) == ["case_1"]


@pytest.mark.parametrize("cursor", ["", "nonsense", "12", "~case_1", "-1~case_1", "1.5~x", "9" * 40 + "~x", "²~x"])
async def test_a_forged_cursor_is_refused(store: Store[Case], cursor: str) -> None:
    with pytest.raises(ValueError):
        await store.find(after=cursor)


async def test_a_cache_catches_up_with_what_changed_since(store: Store[Case], clock: ManualClock) -> None:
    for n in range(4):
        await add(store, f"case_{n}")
        clock.advance(timedelta(seconds=1))
    await store.change("case_0", step(), noting("late"))
    await store.change("case_9", happened(1), Decision)  # a guard alone is nothing to catch up with
    assert [s.id for s in await store.changed_since(None)] == ["case_1", "case_2", "case_3", "case_0"]
    since = START + timedelta(seconds=2)
    assert [s.id for s in await store.changed_since(since)] == ["case_2", "case_3", "case_0"]
    assert [s.id for s in await store.changed_since(since, limit=2)] == ["case_2", "case_3"]
    assert await store.changed_since(clock.now() + timedelta(milliseconds=1)) == []


async def test_what_matches_is_counted(store: Store[Case]) -> None:
    for n in range(5):
        await add(store, f"case_{n}", status="open" if n < 3 else "closed")
    assert await store.documents.count({"status": "open"}) == 3
    assert await store.documents.count({"status": "closed"}) == 2
    assert await store.documents.count({"status": "lost"}) == 0


LISTED = {"_id", "created_at", "id", "keys.status"}
PLAIN: Kind[Case] = Kind("plain", "request", Case, announces=False, answers=False)


@pytest.mark.embedded
@pytest.mark.parametrize(
    ("kind", "indexed"),
    [
        (PLAIN, LISTED),
        (replace(PLAIN, announces=True), LISTED | {"pending_since"}),
        (replace(PLAIN, answers=True), LISTED | {"answers_since"}),
        (replace(PLAIN, followed=True), LISTED | {"updated_at"}),
        (replace(PLAIN, deadlines=CASES.deadlines), LISTED | {"next_deadline"}),
    ],
)
async def test_what_is_never_asked_for_costs_no_index(
    mongodb_uri: str, database_name: str, kind: Kind[Case], indexed: set[str]
) -> None:
    client = connect(mongodb_uri)
    try:
        collection = client[database_name][kind.name]
        await MongoDocuments(collection).ensure_indexes(("status",), asked=kind.asked)
        found = (await collection.index_information()).values()
    finally:
        await close(client)
    assert {field for index in found for field, _ in index["key"]} | {"_id"} == indexed
