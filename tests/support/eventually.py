"""Wait for a condition with a deadline; a test never sleeps for a fixed time."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")


@overload
async def eventually(
    condition: Callable[[], Awaitable[T]], *, within: float = ..., what: str = ..., every: float = ...
) -> T: ...
@overload
async def eventually(condition: Callable[[], T], *, within: float = ..., what: str = ..., every: float = ...) -> T: ...
async def eventually(
    condition: Callable[[], Any], *, within: float = 5.0, what: str = "the condition", every: float = 0.02
) -> Any:
    """The first truthy result of `condition`; an AssertionError naming `what` after `within` seconds.

    An AssertionError raised by the condition counts as "not yet" and is shown when time runs out.
    """
    deadline = time.monotonic() + within
    last: object = None
    while True:
        try:
            result = condition()
            value = await result if inspect.isawaitable(result) else result
            if value:
                return value
            last = value
        except AssertionError as error:
            last = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not seen within {within} s: {what} (last: {last!r})")
        await asyncio.sleep(every)
