"""What MongoDB and its driver raise, in words of ours: passes through here, and nothing of a document with it.

Which faults say that it is away or busy stands here as well.

MongoDB labels as retryable only some of them, and reads not at all, so its codes are looked at too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bson.errors import BSONError
from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure, PyMongoError, WriteConcernError

from shared.store.errors import StoreAway, StoreFault
from shared.store.unmarked import Unmarked

AWAY_CODES = {
    # what drivers repeat a read or write for: the specifications "Retryable Reads" and "Retryable Writes"
    6: "HostUnreachable",
    7: "HostNotFound",
    89: "NetworkTimeout",
    91: "ShutdownInProgress",
    134: "ReadConcernMajorityNotAvailableYet",
    189: "PrimarySteppedDown",
    262: "ExceededTimeLimit",
    9001: "SocketException",
    10058: "LegacyNotPrimary",
    10107: "NotWritablePrimary",
    11600: "InterruptedAtShutdown",
    11602: "InterruptedDueToReplStateChange",
    13435: "NotPrimaryNoSecondaryOk",
    13436: "NotPrimaryOrSecondary",
    # what drivers resume a change stream after: the specification "Change Streams"
    43: "CursorNotFound",
    133: "FailedToSatisfyReadPreference",
    150: "StaleEpoch",
    13388: "StaleConfig",
    # a time limit, or an operation ended for another's sake: categories ExceededTimeLimitError, Interruption,
    # CursorInvalidatedError and RetriableError of MongoDB's error_codes.yml
    24: "LockTimeout",
    50: "MaxTimeMSExpired",
    64: "WriteConcernTimeout",
    175: "QueryPlanKilled",
    202: "NetworkInterfaceExceededTimeLimit",
    237: "CursorKilled",
    279: "ClientDisconnect",
    355: "InterruptedDueToStorageChange",
    407: "PooledConnectionAcquisitionExceededTimeLimit",
    453: "InterruptedDueToReshardingCriticalSection",
    11601: "Interrupted",
    46841: "ClientMarkedKilled",
    91331: "RetriableRemoteCommandFailure",
    10045600: "InterruptedDueToFCVChange",
    # others were in the way, or the moment to read at is gone: category SnapshotError, and WriteConflict
    112: "WriteConflict",
    239: "SnapshotTooOld",
    246: "SnapshotUnavailable",
    # too much to do: category SystemOverloadedError, ResourceExhausted, and the cache that is full
    365: "TemporarilyUnavailable",
    388: "TransactionTooLargeForCache",
    402: "ResourceExhausted",
    433: "AdmissionQueueOverflow",
    449: "RateLimitExceeded",
    450: "PooledConnectionAcquisitionRejected",
    462: "IngressRequestRateLimitExceeded",
    # no writes from anybody until the server's operators allow or make room for them
    371: "UserWritesBlocked",
    14031: "OutOfDiskSpace",
}
"""Answers that speak of the server or of the moment and not of the document or the call: a repeat may well succeed, and
nothing in what was sent can be mended. Names and numbers as in MongoDB's src/mongo/base/error_codes.yml.

TransactionTooLargeForCache is among them although MongoDB expects a repeat to fail: it means a server with too little
cache, never one of our documents (16 MB at most, and few index entries), and a small one took the same document at
another time (measured). A document that is too large (BSONObjectTooLarge 10334, 17419, 17420) stays a fault, as do a
validator (121), a missing right (13) and whatever is not known here.
"""
_FAULTS = {
    13: "Unauthorized",
    121: "DocumentValidationFailure",
    10334: "BSONObjectTooLarge",
    11000: "DuplicateKey",
}
"""What is told of a document within a write bears no name: those of a document of ours, from the same file."""
_AWAY_LABELS = ("RetryableWriteError", "RetryableError", "SystemOverloadedError")
_MEND = "Repeat the call in a few seconds with the same Idempotency-Key."


@asynccontextmanager
async def reaching(unmarked: Unmarked | None, call: str) -> AsyncIterator[None]:
    """Turn every way in which a database can be away or busy into StoreAway, and every other fault that the driver
    raises into StoreFault. `call` names the operation and the collection.

    What the driver raised is nobody's cause or context to be shown: it repeats the document, and whoever prints a
    traceback would print people's names and addresses.
    """
    try:
        if unmarked is not None:
            await unmarked()
        yield
    except (PyMongoError, BSONError) as error:
        if not is_away(error):
            raise StoreFault(f"{call}: {told(error)}") from None
        raise StoreAway(told(error), mend=_MEND) from None


def is_away(error: PyMongoError | BSONError) -> bool:
    """Whether a fault says that the database is away or busy. Of several documents in one write, any one's does.

    A write that took effect and was not confirmed by a majority counts as well: it may be lost yet.
    """
    if isinstance(error, ConnectionFailure | ExecutionTimeout | WriteConcernError):
        return True
    if not isinstance(error, OperationFailure):
        return False
    return (
        bool((error.details or {}).get("writeConcernErrors"))
        or any(code in AWAY_CODES for code in _codes(error))
        or any(error.has_error_label(label) for label in _AWAY_LABELS)
    )


def _codes(error: OperationFailure) -> list[int]:
    """The codes of the documents that a write was about; where it tells none, the code of the whole reply."""
    details = error.details or {}
    faults = (*details.get("writeErrors", ()), *details.get("writeConcernErrors", ()))
    return [fault["code"] for fault in faults if "code" in fault] or [error.code or 0]


def told(error: PyMongoError | BSONError) -> str:
    """In words that may be logged and answered: codes with their names. What the server says of a write repeats the
    document, and so does what the driver says of one that it cannot encode."""
    if isinstance(error, BSONError):
        return f"the driver takes no such document ({type(error).__name__})"
    if not isinstance(error, OperationFailure):
        return str(error).partition(", full error: ")[0][:300]
    own = {error.code or 0: str((error.details or {}).get("codeName", ""))}
    names: dict[int, str] = {**own, **_FAULTS, **AWAY_CODES}
    said = (f"{code} {names.get(code, '')}".strip() for code in dict.fromkeys(_codes(error)))
    return f"MongoDB answered {', '.join(said)}"[:300]
