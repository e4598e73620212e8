"""Give an action its number of the year: no gaps, and the same action always the same number, also across crashes."""

from __future__ import annotations

from services.registration.domain.numbers import Allocation, Series, action_code, allocation_id, give_next, series_id
from shared.store import Decision, Origin, Step, Store


class _Overtaken(Exception):
    """Another allocation was faster; look again."""


async def allocate_code(
    series: Store[Series], allocations: Store[Allocation], action_id: str, year: int, origin: Origin
) -> str:
    """The code of the action in the series of `year`, such as 2027-01.

    The holder of the last number is read first, then whether this action has a number. Nobody can have given it one
    in between without moving the series, and then the write below fails and everything is read again.
    """
    id_, step = series_id("codes", year), Step(origin=origin)
    while True:
        stored = await series.read(id_)
        known = stored.state if stored else None
        if known is not None and known.holder is not None:
            await _record(allocations, id_, known.holder, known.last, step)
        mine = await allocations.read(allocation_id(id_, action_id))
        if mine is not None:
            return action_code(year, mine.state.number)
        try:
            await series.change(id_, step, lambda state, known=known: _next(state, known, action_id))  # type: ignore[misc]
        except _Overtaken:
            continue


def _next(state: Series | None, known: Series | None, action_id: str) -> Decision[Series]:
    if state != known:
        raise _Overtaken
    return Decision(give_next(state, action_id))


async def _record(allocations: Store[Allocation], series: str, holder: str, number: int, step: Step) -> None:
    await allocations.change(
        allocation_id(series, holder),
        step,
        lambda state: Decision(state or Allocation(series=series, number=number)),
    )
