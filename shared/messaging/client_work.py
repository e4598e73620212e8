"""What an aiokafka client does by itself, which it never takes up again after an error of its own, and how it is ended.

aiokafka foresees OSError alone where it writes to a connection (its issue 1038); whatever else comes ends the task.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

CLOSED_SECONDS = 0.5
STOPPED_SECONDS = 5.0
"""For a consumer to stop in order; what a broker has not answered by then it will not."""


def work_of(client: AIOKafkaConsumer | AIOKafkaProducer | None) -> dict[str, asyncio.Task[Any]]:
    """Its tasks by what they do; those of its group only while it is in one."""
    coordinator, fetcher = getattr(client, "_coordinator", None), getattr(client, "_fetcher", None)
    found = {
        "coordination": getattr(coordinator, "_coordination_task", None),
        "heartbeat": getattr(coordinator, "_heartbeat_task", None),
        "refresh of commits": getattr(coordinator, "_commit_refresh_task", None),
        "fetching": getattr(fetcher, "_fetch_task", None),
        "sending": getattr(getattr(client, "_sender", None), "_sender_task", None),
        "metadata": getattr(_connections(client), "_sync_task", None),
    }
    return {name: task for name, task in found.items() if isinstance(task, asyncio.Task)}


def ended(client: AIOKafkaConsumer | AIOKafkaProducer | None) -> str | None:
    """Which part of its work has ended by an error, and by which; None while all of it goes on."""
    for name, task in work_of(client).items():
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            return f"{name}: {error!r:.300}"
    return None


async def abandon(client: AIOKafkaConsumer | AIOKafkaProducer) -> None:
    """Cancel all of it and close its sockets, whatever state they are in; within a second."""
    running = {task for task in work_of(client).values() if not task.done()}
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running, timeout=CLOSED_SECONDS)
    connections = _connections(client)
    connections._sync_task = None  # one that ended by an error would be raised again, before any socket is closed
    with contextlib.suppress(Exception):
        await asyncio.wait_for(connections.close(), CLOSED_SECONDS)
    client._closed = True


async def stop(consumer: AIOKafkaConsumer) -> None:
    """Stop it in order; abandon it where that takes too long or fails, as it does while its broker is away: aiokafka's
    fetcher cancels what waits to be tried again, and is then cancelled by it. Raises nothing but CancelledError."""
    stopping = asyncio.ensure_future(consumer.stop())
    await asyncio.wait({stopping}, timeout=STOPPED_SECONDS)
    if not stopping.done() or stopping.cancelled() or stopping.exception() is not None:
        stopping.cancel()
        await abandon(consumer)


def _connections(client: Any) -> Any:
    return client.client if isinstance(client, AIOKafkaProducer) else getattr(client, "_client", None)
