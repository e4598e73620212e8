"""The sender: mails that were just queued go out at once, several side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from services.notifications.domain.delivery import Delivery
from shared.errors import Away
from shared.store import Stored

Send = Callable[[Stored[Delivery]], Awaitable[None]]
"""Sends one mail, as it was written when it was taken."""
log = structlog.get_logger()


class DeliverySender:
    """A bounded queue in memory and workers over it. It may lose what it holds: the sweep by deadline finds it."""

    name = "delivery sender"

    def __init__(
        self,
        *,
        workers: int,
        queue: int,
        on_stop: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._send: Send | None = None
        self._workers = workers
        self._queue: asyncio.Queue[str | None] = asyncio.Queue(queue)
        self._known: set[str] = set()
        self._taken: dict[str, Stored[Delivery]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._on_stop = on_stop
        self._stopping = False

    def __call__(self, queued: Sequence[Stored[Delivery]]) -> None:
        """Wake for these mails. Those being sent, and those beyond the queue's room, are left alone; one that waits
        here has been taken anew."""
        for mail in queued:
            if mail.id in self._taken:
                self._taken[mail.id] = mail
            if mail.id in self._known or self._stopping:
                continue
            try:
                self._queue.put_nowait(mail.id)
            except asyncio.QueueFull:
                return
            self._known.add(mail.id)
            self._taken[mail.id] = mail

    @property
    def busy(self) -> bool:
        """Whether a mail waits here or is being sent."""
        return bool(self._known)

    def sends_with(self, send: Send) -> None:
        """How one mail is sent. Said once, after the use cases that wake this sender are made."""
        self._send = send

    async def start(self) -> None:
        """Begin to send. RuntimeError where nobody has said how."""
        if self._send is None:
            raise RuntimeError("the sender does not know how to send")
        if not self._tasks:
            self._stopping = False
            self._tasks = [
                asyncio.create_task(self._work(self._send), name=f"sender {n}") for n in range(self._workers)
            ]

    async def stop(self) -> None:
        """Finish the mails in hand and leave the rest to the sweep after the next start."""
        self._stopping = True
        tasks, self._tasks = self._tasks, []
        while not self._queue.empty():
            self._known.discard(self._queue.get_nowait() or "")
        self._taken.clear()
        for _ in tasks:
            await self._queue.put(None)
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            for task in tasks:
                task.cancel()
            raise
        if self._on_stop is not None:
            await self._on_stop()

    async def _work(self, send: Send) -> None:
        while (delivery_id := await self._queue.get()) is not None:
            try:
                await send(self._taken.pop(delivery_id))
            except Away:
                log.warning("delivery.postponed", delivery=delivery_id, why="the database is away")
            except Exception:
                log.exception("delivery.error", delivery=delivery_id)
            finally:
                self._known.discard(delivery_id)
