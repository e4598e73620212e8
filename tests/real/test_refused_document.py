"""A real MongoDB refuses one document of a write by a validator: the others of that write are decided once."""

from __future__ import annotations

import pytest

from shared.store import MongoDocuments
from shared.store.client import Driver, close, connect
from tests.integration.store.test_away import DRIVERS
from tests.integration.store.test_busy import one_is_refused_and_the_others_are_decided_once, three_cases

pytestmark = pytest.mark.real


@pytest.mark.parametrize("driver", DRIVERS)
async def test_a_document_that_a_validator_refuses_has_nothing_else_decided_twice(
    mongodb_uri: str, database_name: str, driver: Driver
) -> None:
    client = connect(mongodb_uri, driver=driver)
    try:
        database = client[database_name]
        documents = MongoDocuments(database["cases"])
        known = await three_cases(documents)
        await database.command({"collMod": "cases", "validator": {"_id": {"$ne": "case_2"}}})
        await one_is_refused_and_the_others_are_decided_once(documents, known)
    finally:
        await close(client)
