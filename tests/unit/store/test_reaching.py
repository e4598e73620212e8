"""Which faults of a database are StoreAway: what it says of itself, never what it says of a document."""

from __future__ import annotations

import traceback
from typing import Any

import pymongo.helpers_shared as drivers_own
import pytest
from bson import encode
from bson.errors import InvalidDocument
from pymongo.errors import BulkWriteError, OperationFailure, PyMongoError, WriteConcernError, WriteError

from shared.store import StoreAway, StoreFault
from shared.store.reaching import AWAY_CODES, reaching

FAULTS = {13: "Unauthorized", 121: "DocumentValidationFailure", 10334: "BSONObjectTooLarge", 11000: "DuplicateKey"}
SECRET = "amina@example.org"


def bulk(*codes: int, **more: Any) -> BulkWriteError:
    wrong = [{"index": n, "code": code, "errmsg": SECRET, "op": {"mail": SECRET}} for n, code in enumerate(codes)]
    return BulkWriteError({"writeErrors": wrong, "writeConcernErrors": [], **more})


def shapes(code: int) -> list[PyMongoError]:
    """The ways in which a reply with a code reaches a caller."""
    return [OperationFailure(SECRET, code, {"ok": 0, "code": code}), WriteError(SECRET, code), bulk(11000, code)]


async def raised(error: Exception) -> None:
    async with reaching(None, "replace of contacts"):
        raise error


@pytest.mark.parametrize("code", AWAY_CODES)
async def test_a_server_that_says_it_is_busy_is_away_and_the_document_is_not_repeated(code: int) -> None:
    for error in shapes(code):
        with pytest.raises(StoreAway) as away:
            await raised(error)
        assert f"{code} {AWAY_CODES[code]}" in away.value.detail
        assert SECRET not in away.value.detail


@pytest.mark.parametrize("code", FAULTS)
async def test_what_a_server_says_of_a_document_or_a_right_is_a_fault_told_without_the_document(code: int) -> None:
    for error in shapes(code):
        with pytest.raises(StoreFault, match=r"^replace of contacts: MongoDB answered ") as fault:
            await raised(error)
        assert f"{code} {FAULTS[code]}" in str(fault.value)
        assert SECRET not in "".join(traceback.format_exception(fault.value))


async def test_a_code_that_nobody_here_knows_is_told_by_the_servers_name_of_it() -> None:
    with pytest.raises(StoreFault, match=r"MongoDB answered 26 NamespaceNotFound$"):
        await raised(OperationFailure(SECRET, 26, {"ok": 0, "code": 26, "codeName": "NamespaceNotFound"}))


async def test_a_document_that_the_driver_cannot_encode_is_a_fault_told_without_it() -> None:
    with pytest.raises(InvalidDocument, match=SECRET) as refused:
        encode({"mail": {SECRET}})
    with pytest.raises(StoreFault, match=r"^replace of contacts: the driver takes no such document") as fault:
        await raised(refused.value)
    assert SECRET not in "".join(traceback.format_exception(fault.value))


async def test_a_write_that_no_majority_confirmed_is_away() -> None:
    for error in (WriteConcernError("no", 100), bulk(writeConcernErrors=[{"code": 100, "errmsg": "no"}])):
        with pytest.raises(StoreAway, match="100"):
            await raised(error)


@pytest.mark.parametrize("label", ["RetryableWriteError", "SystemOverloadedError"])
async def test_what_a_server_labels_as_worth_a_repeat_is_away(label: str) -> None:
    with pytest.raises(StoreAway, match="4711"):
        await raised(OperationFailure("no", 4711, {"errorLabels": [label]}))


def test_what_the_driver_repeats_is_among_them() -> None:
    assert AWAY_CODES.keys() >= drivers_own._RETRYABLE_ERROR_CODES
