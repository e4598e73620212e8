"""The store: one decision changes one document in one write, with its guard and its announcements.

State, duplicate guard, recorded answer and outbox commit or fail together. A use case hands over a pure function and
sees neither guard nor outbox, so it cannot forget them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Generic

from shared.clock import Clock
from shared.errors import Refused, StaleVersion
from shared.ids import derived_id, new_id
from shared.store.causes import Answer, Cause, Command, DeadlinePassed, Happened
from shared.store.document import Created, Decision, Document, Kind, Outcome, Page, S, Stored, from_ms, seen_of, to_ms
from shared.store.documents import Documents, Filter
from shared.store.errors import AnswerLetGo, KeyReused, SequenceGap, TooManyConflicts, TooManyKeys
from shared.store.writing import (
    answer_of,
    blank,
    room_for_a_key,
    stored_as,
    stored_of,
    with_answer,
    without_old_answers,
    written,
)

Decide = Callable[[S | None], Decision[S]]
OnAnnounced = Callable[[Documents, Document, frozenset[str]], None]
"""Told of a document just written, and of the event ids of what was announced in that write."""

FORGOTTEN_AT_ONCE = 20
"""Documents read together to drop their old answers: with a megabyte of answers each, 20 MB."""

MAX_TRIES = 500
"""Tries against other writers of the same document; 32 racing writers need at most 32 of them."""


class Store(Generic[S]):
    """All aggregates of one kind.

    `change` and `create` are durable when they return. They raise StoreAway when the database does not answer or says
    that it is busy: the change may or may not have been written, and a repeat with the same cause finds out. Having
    changed nothing, they raise StaleVersion for an outdated expected version, KeyReused for an idempotency key that
    came back with another body, AnswerLetGo for one whose answer is not kept any more, TooManyKeys where no key can be
    added, ObjectTooLarge where the database could not keep what was decided, SequenceGap for a missing predecessor, and
    whatever Problem the decision raises.
    """

    def __init__(
        self,
        kind: Kind[S],
        documents: Documents,
        clock: Clock,
        *,
        on_announced: OnAnnounced | None = None,
        answers_kept: timedelta = timedelta(hours=24),
    ) -> None:
        self.kind = kind
        self.documents = documents
        self._clock = clock
        self._on_announced = on_announced
        self._answers_kept = answers_kept

    async def change(
        self, id_: str, cause: Cause, decide: Decide[S], *, known: Stored[S] | None = None, likely_new: bool = False
    ) -> Outcome[S]:
        """Decide on the document `id_` (None where there is none yet) and write the decision once.

        `decide` is pure and may run several times: another writer may have been faster. `known` is the aggregate as
        the caller has just read it: tried first instead of reading it again, and of no effect where it is outdated.
        `likely_new` tries to insert before reading; where there is a document after all, `decide` is asked again with
        its state.
        """
        for attempt in range(MAX_TRIES):
            if attempt == 0 and (known is not None or likely_new):
                document = known.document if known is not None else None
            else:
                document = await self.documents.get(id_)
            if (done := self._already(document, cause)) is not None:
                return done
            outcome = await self._try(id_, document, cause, decide)
            if outcome is not None:
                return outcome
            await asyncio.sleep(random.random() * 0.002 * min(attempt + 1, 10))  # noqa: S311 - spreads racing writers
        raise TooManyConflicts(f"{self.kind.name}/{id_}: {MAX_TRIES} tries lost against other writers")

    async def done_before(self, id_: str, cause: Cause, *, known: Stored[S] | None = None) -> Outcome[S] | None:
        """The outcome where the cause has nothing to do at `id_` any more; None where it has. For what is done in
        several steps, whose last one records it: asked before the first, it refuses what `change` would refuse. `known`
        is the aggregate as the caller has just read it."""
        return self._already(known.document if known is not None else await self.documents.get(id_), cause)

    async def create(self, cause: Cause, prefix: str, decide: Callable[[str], Decision[S]]) -> Outcome[S]:
        """Create a new aggregate. Under an idempotency key the id is derived from caller and key, so that a repeat,
        racing or after a crash, meets the first one; after the key's time a new object is made. StaleVersion for a
        command that expects a version of what it makes."""
        if not isinstance(cause, Command) or cause.key is None:
            _nothing_expected(cause)
            fresh = new_id(prefix)
            return await self.change(fresh, cause, _only_new(decide, fresh))
        for generation in range(1000):
            id_ = derived_id(prefix, cause.caller, cause.key, str(generation))
            document = await self.documents.get(id_)
            if document is not None and self._answer(document, cause) is None:
                continue
            if document is None:
                _nothing_expected(cause)
            return await self.change(id_, cause, _only_new(decide, id_))
        raise TooManyConflicts(f"{self.kind.name}: idempotency key used a thousand times")

    async def create_all(self, cause: Cause, states: Mapping[str, S]) -> Created[S]:
        """Create those of the aggregates that do not exist yet, in one round trip and without announcements.

        Repeatable by the ids; says how many were new, and hands them back where all of them were."""
        now = self._clock.now()
        documents = [
            written(blank(id_, cause, now), self.kind, cause, Decision(state), now, self._answers_kept)
            for id_, state in states.items()
        ]
        new = await self.documents.insert_new(documents)
        made = (stored_of(self.kind, document) for document in documents if new == len(documents))
        return Created(new, tuple(stored for stored in made if stored is not None))

    async def read(self, id_: str) -> Stored[S] | None:
        """The aggregate, or None."""
        document = await self.documents.get(id_)
        return None if document is None else stored_of(self.kind, document)

    async def read_many(self, ids: Sequence[str]) -> dict[str, Stored[S]]:
        """Those of the aggregates that exist, by id."""
        found = (stored_of(self.kind, d) for d in await self.documents.get_many(ids))
        return {stored.id: stored for stored in found if stored is not None}

    async def find(
        self, keys: Filter | None = None, *, limit: int = 50, after: str | None = None, newest_first: bool = True
    ) -> Page[S]:
        """Aggregates whose declared keys match, a page at a time. `after` is the cursor of the page before.

        ValueError for a cursor that this method did not give."""
        place = _cursor(after) if after is not None else None
        rows = await self.documents.find(
            keys or {}, after=place, limit=limit + 1, newest_first=newest_first, several=self.kind.several
        )
        items = [s for s in (stored_of(self.kind, row) for row in rows[:limit]) if s is not None]
        last = rows[limit - 1] if len(rows) > limit else None
        return Page(tuple(items), f"{last['created_at']}~{last['_id']}" if last else None)

    async def every(self, keys: Filter, *, page: int = 100, newest_first: bool = False) -> AsyncIterator[Stored[S]]:
        """All whose declared keys match, read `page` at a time; what is changed meanwhile keeps its place."""
        after: str | None = None
        while True:
            found = await self.find(keys, limit=page, after=after, newest_first=newest_first)
            for stored in found.items:
                yield stored
            if found.next is None:
                return
            after = found.next

    async def changed_since(self, since: datetime | None, *, limit: int = 1000) -> list[Stored[S]]:
        """Aggregates written at or after `since` (all, if None), oldest change first: how a cache catches up."""
        rows = await self.documents.changed_since(to_ms(since) if since else 0, limit)
        return [s for s in (stored_of(self.kind, row) for row in rows) if s is not None]

    async def forget_answers(self) -> int:
        """Drop the recorded answers whose time is over from the documents that nobody has written since; how many
        documents. No decision: version and `updated_at` stay. What another writer changes meanwhile loses them by
        that, so replicas may do this side by side. Raises StoreAway."""
        forgotten = 0
        while True:
            now = self._clock.now()
            until = to_ms(now - self._answers_kept)
            found = await self.documents.answered(until_ms=until, limit=FORGOTTEN_AT_ONCE)
            done = 0
            for document in found:
                after = without_old_answers(document, now, self._answers_kept)
                done += await self.documents.replace(after, document["revision"])
            forgotten += done
            if not done or len(found) < FORGOTTEN_AT_ONCE:
                return forgotten

    def _already(self, document: Document | None, cause: Cause) -> Outcome[S] | None:
        """The outcome where the cause has nothing to do any more; raises where it must not be applied."""
        if isinstance(cause, Happened):
            seen = seen_of(document, cause.source)
            if cause.sequence <= seen:
                return self._unchanged(document)
            if cause.contiguous and not _follows(seen, cause):
                raise SequenceGap(cause.source, seen, cause.sequence)
        elif isinstance(cause, DeadlinePassed):
            if document is None or document["deadlines"].get(cause.name) != to_ms(cause.at):
                return self._unchanged(document)
        elif isinstance(cause, Command) and document is not None:
            if (answer := self._answer(document, cause)) is not None:
                return self._unchanged(document, answer)
            if cause.expected_version is not None and cause.expected_version != document["version"]:
                raise StaleVersion(
                    f"you edit version {cause.expected_version}, it is now at version {document['version']}",
                    mend="Read it again and repeat your edit on the new version.",
                )
        return None

    def _answer(self, document: Document, cause: Command) -> Answer | None:
        found = answer_of(document, cause, self._clock.now(), self._answers_kept)
        if found is None:
            return None
        if found["fingerprint"] != cause.fingerprint:
            raise KeyReused(
                "the same Idempotency-Key came with another method, path or body",
                mend="Use a new key for a new request; repeat a request only unchanged.",
            )
        if "body" not in found:
            raise AnswerLetGo(
                f"this command was done at {from_ms(found['at']):%Y-%m-%d %H:%M:%S} UTC, many commands ago",
                mend="Read the object as it stands; use a new key for a new command.",
            )
        return Answer(found["status"], found["body"])

    def _see_room(self, after: Document, now: datetime) -> None:
        wait = room_for_a_key(after, now, self._answers_kept)
        if wait > timedelta():
            raise TooManyKeys(
                f"{len(after['answers'])} commands under keys are remembered for this object",
                again_after=wait,
                mend="Come back after Retry-After, or send a command that may be done twice without a key.",
            )

    def _unchanged(self, document: Document | None, answer: Answer | None = None) -> Outcome[S]:
        return Outcome(stored_of(self.kind, document) if document else None, applied=False, answer=answer)

    async def _try(self, id_: str, document: Document | None, cause: Cause, decide: Decide[S]) -> Outcome[S] | None:
        """One attempt; None where another writer was faster."""
        now = self._clock.now()
        before = document if document is not None else blank(id_, cause, now)
        current = stored_of(self.kind, before)
        decision = decide(current.state if current else None)
        after = written(before, self.kind, cause, decision, now, self._answers_kept)
        decided = None if decision.state is None else self.kind.prune(decision.state, now)
        stored = None if decided is None else stored_as(after, decided)
        answer = None
        if isinstance(cause, Command) and cause.render is not None and stored is not None:
            answer = cause.render(stored)
            if cause.key is not None:
                if not self.kind.answers:
                    raise TypeError(f"{self.kind.name} keeps no answers: nobody would look after their end")
                self._see_room(after, now)
                after = with_answer(after, cause, answer, now)
        if after == {**before, "revision": after["revision"]}:
            return Outcome(current, applied=True, answer=answer)
        if document is None:
            done = await self.documents.insert(after)
        else:
            done = await self.documents.replace(after, document["revision"])
        if not done:
            return None
        if self._on_announced is not None and (announced := _event_ids(after) - _event_ids(before)):
            self._on_announced(self.documents, after, announced)
        return Outcome(stored, applied=True, answer=answer)


def _event_ids(document: Document) -> frozenset[str]:
    return frozenset(entry["event_id"] for entry in document["outbox"])


def _follows(seen: int, cause: Happened) -> bool:
    """Whether nothing is missing between what was seen and what happened."""
    missing = cause.sequence - seen - 1
    return missing <= len(cause.discarded) and all(n in cause.discarded for n in range(seen + 1, cause.sequence))


def _nothing_expected(cause: Cause) -> None:
    if isinstance(cause, Command) and cause.expected_version:
        raise StaleVersion(
            f"you expect version {cause.expected_version} of something that is made only now",
            mend="Leave out If-Match where you make something new.",
        )


def _only_new(decide: Callable[[str], Decision[S]], id_: str) -> Decide[S]:
    def decide_new(state: S | None) -> Decision[S]:
        if state is not None:
            raise Refused(f"{id_} exists already", mend="Read it instead of creating it again.")
        return decide(id_)

    return decide_new


def _cursor(text: str) -> tuple[int, str]:
    ms, _, id_ = text.partition("~")
    if not ms.isdigit() or len(ms) > 15 or not id_:
        raise ValueError("not a cursor of this list")
    return int(ms), id_
