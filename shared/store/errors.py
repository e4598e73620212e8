"""What the store refuses, and what it reports when it cannot answer."""

from __future__ import annotations

from shared.errors import Away, Invalid, Refused, TooMany


class StoreAway(Away):
    """The database did not answer in time, or answered that it is busy or cannot do this at the moment
    (`shared/store/reaching.py` lists these answers). Nothing is known to have changed; repeating is safe."""

    kind, title = "store-away", "The database is not reachable at the moment"


class StoreFault(Exception):
    """The database, or its driver, refused a call for what was in it or for a right that is missing: a repeat mends
    nothing. Says the operation, the collection and MongoDB's codes, and nothing of what stood in a document."""


class SequenceGap(Exception):
    """An event came whose predecessor is missing, on a topic that is kept for ever."""

    def __init__(self, source: str, seen: int, sequence: int) -> None:
        super().__init__(f"{source}: sequence {sequence} came after {seen}; {seen + 1} is missing")
        self.source, self.seen, self.sequence = source, seen, sequence


class KeyReused(Invalid):
    """An idempotency key came back with another body."""

    kind, title = "idempotency-key-reused", "This Idempotency-Key was used for another request"


class AnswerLetGo(Refused):
    """A command came again under its key, after so many others that its answer is not kept any more. It is done."""

    kind, title = "idempotency-answer-let-go", "This was done before; its answer is not kept any more"


class ObjectTooLarge(Refused):
    """The object would become larger than the database can keep. Nothing was changed."""

    kind, title = "object-too-large", "The object would become too large to be kept"


class TooManyKeys(TooMany):
    """The object has had so many commands under keys that no key can be added yet without forgetting one."""

    kind, title = "too-many-idempotency-keys", "Too many idempotency keys for one object"


class TooManyConflicts(Exception):
    """Another writer was faster on every one of many tries; the change was not made."""
