"""Keys side by side, one key strictly in order; and how far a partition may be committed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from shared.messaging.record import Record

Lane = list[Record]


def lanes(records: Sequence[Record]) -> list[Lane]:
    """The records of each (partition, key), in the order of the batch."""
    found: dict[tuple[int, bytes], Lane] = {}
    for record in records:
        found.setdefault((record.partition, record.key), []).append(record)
    return list(found.values())


async def side_by_side(work: Callable[[Lane], Awaitable[None]], on: Sequence[Lane], most: int) -> None:
    """Run `work` on every lane, at most so many at once. The first error is raised when all others have ended;
    being cancelled cancels them."""
    if len(on) == 1:
        await work(on[0])
        return
    waiting = iter(on)

    async def worker() -> None:
        for lane in waiting:
            await work(lane)

    ended = await asyncio.gather(*(worker() for _ in range(min(most, len(on)))), return_exceptions=True)
    for result in ended:
        if isinstance(result, BaseException):
            raise result


def committable(records: Sequence[Record], done: set[tuple[int, int]]) -> dict[int, int]:
    """Per partition the offset to commit: one past the last record before the first that is not done."""
    offsets: dict[int, int] = {}
    blocked: set[int] = set()
    for record in records:
        if record.place not in done:
            blocked.add(record.partition)
        elif record.partition not in blocked:
            offsets[record.partition] = record.offset + 1
    return offsets
