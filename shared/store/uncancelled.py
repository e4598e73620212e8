"""Calls of the database's driver go on to their end, whoever stops waiting for them.

PyMongo 4.20 keeps its picture of the servers behind a lock, and waits under it for a primary, 0.5 s at a time. Who
cancels a call in the moment in which such a wait ends leaves that lock held by nobody: from then on no call of the
client ends, however healthy the database is again, until the process is started anew. Seen in a service that looked at
its health while a primary was elected; of 100 calls cancelled at that moment 18 never ended
(`tests/unit/store/test_uncancelled.py`). Motor's calls run in threads, which nobody can cancel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_under_way: set[asyncio.Task[Any]] = set()
"""Held here: the loop alone keeps no task alive."""


def uncancelled(call: Callable[P, Coroutine[Any, Any, R]]) -> Callable[P, Coroutine[Any, Any, R]]:
    """`call` in a task of its own. A caller that is cancelled ends at once, and what was begun goes on: a write may
    take effect, as it may where an answer is lost, and within the driver's time (`connect`) it is over."""

    @wraps(call)
    async def begun(*arguments: P.args, **named: P.kwargs) -> R:
        task = asyncio.get_running_loop().create_task(call(*arguments, **named))
        _under_way.add(task)
        task.add_done_callback(_under_way.discard)
        return await asyncio.shield(task)

    return begun
