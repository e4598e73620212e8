"""Calls that come while others are under way go out together, in one round trip. A lone call goes out at once."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from shared.store.errors import StoreAway

I = TypeVar("I")  # noqa: E741 - an item in
O = TypeVar("O")  # noqa: E741 - its answer out

MOST = 100
"""Items of one round trip; measured: beyond 50 nothing is gained on the embedded store."""
LANES = 2
"""Round trips under way at once: while one is answered the next is filled."""
SLOW_SECONDS = 1.0
"""A round trip that took longer before it found the database away has spent the time of those behind it as well: they
are told with it, so that every caller hears within one timeout (3 s) and not after the queue of several."""


class Gatherer(Generic[I, O]):
    """Runs `together` over the items of concurrent calls; it answers for each item, in their order.

    An item that makes a round trip fail, other than by the database being away, fails alone: the others are run again
    one by one. `together` must therefore be repeatable where it raised.
    """

    def __init__(self, together: Callable[[Sequence[I]], Awaitable[Sequence[O]]]) -> None:
        self._together = together
        self._waiting: deque[tuple[I, asyncio.Future[O]]] = deque()
        self._under_way: set[asyncio.Task[None]] = set()
        self._called = False

    async def __call__(self, item: I) -> O:
        """The answer for one item; raises what its round trip raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[O] = loop.create_future()
        self._waiting.append((item, answer))
        if not self._called and len(self._under_way) < LANES:
            self._called = True
            loop.call_soon(self._launch)
        return await answer

    def _launch(self) -> None:
        self._called = False
        while self._waiting and len(self._under_way) < LANES:
            batch = [self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))]
            task = asyncio.get_running_loop().create_task(self._run(batch))
            self._under_way.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._launch()

    async def _run(self, batch: list[tuple[I, asyncio.Future[O]]]) -> None:
        began = asyncio.get_running_loop().time()
        try:
            answers = await self._together([item for item, _ in batch])
        except StoreAway as away:
            behind = []
            if asyncio.get_running_loop().time() - began >= SLOW_SECONDS:
                behind, self._waiting = list(self._waiting), deque()
            for _, answer in (*batch, *behind):
                _fail(answer, away)
        except Exception as error:  # noqa: BLE001 - whatever it is goes to the caller whose item it was
            if len(batch) == 1:
                _fail(batch[0][1], error)
                return
            for one in batch:
                await self._run([one])
        except BaseException as ended:
            for _, answer in batch:
                _fail(answer, ended)
            raise
        else:
            for (_, answer), value in zip(batch, answers, strict=True):
                if not answer.done():
                    answer.set_result(value)


def _fail(answer: asyncio.Future[O], error: BaseException) -> None:
    if answer.done():
        return
    if isinstance(error, asyncio.CancelledError):
        answer.cancel()
    else:
        answer.set_exception(error)
