"""How long to wait before trying again."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pauses:
    """Seconds between attempts: the first pause, what each is multiplied by to give the next, and the longest."""

    first: float = 0.05
    factor: float = 2.0
    cap: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy(Pauses):
    """Attempts for one event and the seconds between them. By default 5 attempts within 0.75 s: the batch waits for
    its slowest key, and stays far below the 300 s after which a client leaves its group (default, no public source)."""

    attempts: int = 5


AWAY = Pauses(first=0.1, factor=2.0, cap=2.0)
"""For something that is away: 0.1 s doubling up to 2 s, without end."""


def pause(policy: Pauses, attempt: int) -> float:
    """Seconds to wait after attempt number `attempt` (0 first), with up to a quarter of chance added, so that many
    who wait for the same thing do not come back together."""
    grown = min(policy.first * policy.factor ** min(attempt, 60), policy.cap)
    return grown * (1 + random.random() / 4)  # noqa: S311 - spreads, hides nothing


async def pause_unless(stop: asyncio.Event, seconds: float) -> bool:
    """Wait; True at once when `stop` is set."""
    if stop.is_set():
        return True
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return False
    return True


def loop_time() -> float:
    """Seconds of the running loop's clock, which only goes forward."""
    return asyncio.get_running_loop().time()
