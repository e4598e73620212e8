"""A view rebuilt beside the live one, taken over document by document while the live one goes on being written.

Not by renaming the collection: a rename puts the whole view back to where its topic was read, until the rest is
applied again, and the stand-in answers `renameCollection` with ok and does nothing. Here every document moves by
compare-and-set and only forward: what its guard has seen decides, so nothing the live consumer applied meanwhile is
ever undone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from enum import StrEnum

from shared.store.document import Document, seen_of
from shared.store.documents import Documents
from shared.store.errors import TooManyConflicts
from shared.store.store import MAX_TRIES

PAGE = 500


class Taken(StrEnum):
    """What became of one document of the live view."""

    SAME = "same"
    DIFFERED = "differed"
    MISSING = "missing"
    NEWER = "newer"
    """The live consumer had come further: left as it is."""


def taken_over(
    live: Document | None, rebuilt: Document, source: str, now_ms: int, *, erased_at: int | None
) -> tuple[Taken, Document | None]:
    """What is to be written instead of the live document, if anything. Pure.

    `erased_at` is given where the topic knows nothing of the aggregate (any more): what the live document had seen
    before the topic was read. It is emptied then, unless it has heard of the aggregate again since.
    """
    if live is None:
        return Taken.MISSING, {**rebuilt, "updated_at": now_ms}
    mine, theirs = seen_of(live, source), seen_of(rebuilt, source)
    if mine > (theirs if erased_at is None else erased_at):
        return Taken.NEWER, None
    derived = _derived(live, rebuilt)
    if all(live[field] == value for field, value in derived.items()):
        return Taken.SAME, None
    guard = {source: rebuilt["seen"][source]} if theirs > mine else {}
    after = {
        **live,
        **derived,
        "seen": {**live["seen"], **guard},
        "revision": live["revision"] + 1,
        "version": live["version"] + 1,
        "updated_at": now_ms,
    }
    return Taken.DIFFERED, after


def _derived(live: Document, rebuilt: Document) -> Document:
    """What a document's state decides, also by which keys it is found and when it is woken; a deadline that has fired
    stays so. The rest of a live document is its own history and stays: when it was made, its correlation, recorded
    answers, what it announced."""
    wanted = {**rebuilt["deadlines"], **rebuilt["fired"]}
    fired = {name: at for name, at in live["fired"].items() if wanted.get(name) == at}
    deadlines = {name: at for name, at in wanted.items() if fired.get(name) != at}
    return {
        "state": rebuilt["state"],
        "keys": rebuilt["keys"],
        "deadlines": deadlines,
        "fired": fired,
        "next_deadline": min(deadlines.values(), default=None),
    }


async def take_over(
    live: Documents, rebuilt: Document, source: str, now_ms: int, *, erased_at: int | None = None
) -> Taken:
    """Bring one document of the live view to what was rebuilt, whoever else writes it. Repeatable."""
    for _ in range(MAX_TRIES):
        current = await live.get(rebuilt["_id"])
        taken, after = taken_over(current, rebuilt, source, now_ms, erased_at=erased_at)
        if after is None:
            return taken
        done = await live.insert(after) if current is None else await live.replace(after, current["revision"])
        if done:
            return taken
    raise TooManyConflicts(f"{live.name}/{rebuilt['_id']}: {MAX_TRIES} tries lost against other writers")


async def every(documents: Documents) -> AsyncIterator[list[Document]]:
    """All documents, a page at a time, in the order in which they were made."""
    after: tuple[int, str] | None = None
    while page := await documents.find({}, after=after, limit=PAGE, newest_first=False):
        yield page
        after = (page[-1]["created_at"], page[-1]["_id"])
