"""Find who holds functions: two queries at most, whatever the number of functions."""

from __future__ import annotations

from collections.abc import Sequence

from services.notifications.application.find_cases import find_cases
from services.notifications.application.recently_read import RecentlyRead
from services.notifications.application.stores import Stores
from services.notifications.domain.notice import TO_DESK
from services.notifications.domain.recipients import Holder


async def find_people(
    stores: Stores, wanted: Sequence[Holder], recent: RecentlyRead | None = None
) -> dict[str, tuple[str, ...]]:
    """Ids of the contacts that hold each of the functions, by reference; absent where nobody is known.

    The people of a case are those its request named. One who is known to be no longer active is replaced by the
    active holders of the function at the same institution, and by nobody where there are none. With `recent`, holders
    of functions may be as of a second ago; without it they are as of now.
    """
    cases = await find_cases(stores, (h.case_id for h in wanted))
    named = {h: case.named(h.function) for h in wanted if (case := cases.get(h.case_id or ""))}
    substitutes = {h: cases[h.case_id or ""].instead(h.function) for h in named}
    ask = {h.reference for h in wanted if h.case_id is None} | {h.reference for h in substitutes.values()}
    if any(h.falls_to_desk for h in wanted):
        ask.add(TO_DESK.reference)
    references = tuple(sorted(ask))
    held = await (
        recent.holders(references, lambda: _held(stores, references)) if recent else _held(stores, references)
    )
    left = await _left(stores, [id_ for id_ in named.values() if id_])
    found = {reference: ids for reference in ask if (ids := tuple(held.get(reference, ())))}
    for holder, contact_id in named.items():
        if contact_id is None:
            continue
        if contact_id not in left:
            found[holder.reference] = (contact_id,)
        elif instead := found.get(substitutes[holder].reference):
            found[holder.reference] = instead
    return found


async def _held(stores: Stores, references: tuple[str, ...]) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    if references:
        async for stored in stores.contacts.every({"holds": references}):
            for holder in stored.state.holds:
                held.setdefault(holder.reference, []).append(stored.id)
    return held


async def _left(stores: Stores, ids: list[str]) -> set[str]:
    """Those of the people who are known and no longer active."""
    known = await stores.contacts.read_many(ids) if ids else {}
    return {id_ for id_, stored in known.items() if not stored.state.active}
