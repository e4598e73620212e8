"""A MongoDB that says it is busy is away for the moment, and one that refuses a document refuses that one alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from shared.store import Decision, Documents, MongoDocuments, StoreAway, Stored, StoreFault
from shared.store.client import Driver, close, connect
from shared.store.store import Decide
from tests.integration.store.test_away import DRIVERS, every_call
from tests.support.planted_replies import Planted, planted
from tests.support.sample_case import Case, case_store, noting, outbox_notes, step

pytestmark = [pytest.mark.embedded, pytest.mark.stand_ins]
BUSY = [112, 365, 388]
"""Of those in `reaching.AWAY_CODES`, of which a unit test has all, some that no driver repeats a call for by itself."""
REPEATED = [134, 262]
"""For these drivers repeat a read until its time is over."""
COMMANDS = ("find", "insert", "update", "delete", "findAndModify", "createIndexes", "ping")
VALIDATOR, TOO_LARGE = 121, 10334


@pytest.fixture
def plants(mongodb_uri: str) -> Iterator[Planted]:
    with planted(mongodb_uri) as plants:
        yield plants


@pytest.fixture(params=DRIVERS)
async def documents(request: pytest.FixtureRequest, plants: Planted, database_name: str) -> AsyncIterator[Documents]:
    driver: Driver = request.param
    client = connect(plants.uri, driver=driver)
    try:
        yield MongoDocuments(client[database_name]["cases"])
    finally:
        await close(client)


def refusal(code: int) -> dict[str, Any]:
    return {"ok": 0.0, "errmsg": "planted", "code": code, "codeName": "Planted"}


@pytest.mark.parametrize("code", BUSY)
async def test_a_busy_server_is_away_for_every_call_and_back_with_the_next(
    documents: Documents, plants: Planted, code: int
) -> None:
    calls = every_call(documents)
    plants.replies = dict.fromkeys(COMMANDS, refusal(code))
    for name, call in calls.items():
        with pytest.raises(StoreAway) as away:
            await call()
        assert str(code) in away.value.detail, name
    assert set(plants.asked) >= set(COMMANDS)
    plants.replies = {}
    for call in calls.values():
        await call()


@pytest.mark.parametrize("driver", DRIVERS)
@pytest.mark.parametrize("code", REPEATED)
async def test_a_server_that_stays_busy_for_a_read_is_away(
    plants: Planted, database_name: str, driver: Driver, code: int
) -> None:
    client = connect(plants.uri, driver=driver, timeout_ms=300)
    documents = MongoDocuments(client[database_name]["cases"])
    plants.replies = {"find": refusal(code)}
    for call in (lambda: documents.get("case_1"), lambda: documents.changed_since(0, 1)):
        with pytest.raises(StoreAway):
            await call()
    await close(client)


@pytest.mark.parametrize("code", BUSY)
async def test_a_server_too_busy_for_one_document_of_a_write_is_away(
    documents: Documents, plants: Planted, code: int
) -> None:
    store = case_store(documents)
    await store.change("case_1", step(), noting("a"))
    plants.refused = {"case_1": code, "case_2": code}
    for id_ in plants.refused:
        with pytest.raises(StoreAway) as away:
            await store.change(id_, step(), noting("b"))
        assert str(code) in away.value.detail
        assert "planted" not in away.value.detail
    plants.refused = {}
    outcome = await store.change("case_1", step(), noting("b"))
    assert outcome.stored is not None
    assert outcome.stored.state.notes == ("a", "b")


@pytest.mark.parametrize("code", [VALIDATOR, TOO_LARGE])
async def test_what_no_repeat_would_mend_is_a_fault(documents: Documents, plants: Planted, code: int) -> None:
    plants.refused = {"case_1": code}
    with pytest.raises(StoreFault):
        await case_store(documents).change("case_1", step(), noting("a"))
    plants.replies = {"find": refusal(code)}
    with pytest.raises(StoreFault):
        await documents.get("case_1")


async def test_a_refused_document_has_nothing_else_decided_twice(documents: Documents, plants: Planted) -> None:
    known = await three_cases(documents)
    plants.refused = {"case_2": VALIDATOR}
    await one_is_refused_and_the_others_are_decided_once(documents, known)
    assert plants.asked.count("update") > 1, "they shared a round trip, which failed"


async def three_cases(documents: Documents) -> dict[str, Stored[Case] | None]:
    store = case_store(documents)
    return {f"case_{n}": (await store.change(f"case_{n}", step(), noting("a"))).stored for n in (1, 2, 3)}


async def one_is_refused_and_the_others_are_decided_once(
    documents: Documents, known: dict[str, Stored[Case] | None]
) -> None:
    """The database must refuse every further write of case_2."""
    store, decided = case_store(documents), list[str]()

    def once(id_: str) -> Decide[Case]:
        def decide(case: Case | None) -> Decision[Case]:
            decided.append(id_)
            return noting("b")(case)

        return decide

    outcomes = await asyncio.gather(
        *(store.change(id_, step(), once(id_), known=stored) for id_, stored in known.items()), return_exceptions=True
    )
    assert [isinstance(outcome, StoreFault) for outcome in outcomes] == [False, True, False]
    assert sorted(decided) == ["case_1", "case_2", "case_3"]
    for id_, notes in (("case_1", "ab"), ("case_2", "a"), ("case_3", "ab")):
        assert outbox_notes(await documents.get(id_)) == list(enumerate(notes, start=1))
