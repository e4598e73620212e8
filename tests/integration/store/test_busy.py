"""A MongoDB that says it is busy is away for the moment, and one that refuses a document refuses that one alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from pymongo.errors import OperationFailure

from shared.store import Documents, MongoDocuments, StoreAway
from shared.store.client import Driver, close, connect
from tests.integration.store.test_away import DRIVERS, every_call
from tests.support.planted_replies import Planted, planted
from tests.support.sample_case import case_store, noting, step

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
    with pytest.raises(OperationFailure):
        await case_store(documents).change("case_1", step(), noting("a"))
    plants.replies = {"find": refusal(code)}
    with pytest.raises(OperationFailure):
        await documents.get("case_1")
