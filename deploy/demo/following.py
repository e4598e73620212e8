"""Following the story from outside: events as they appear on their topics, mails as they arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

from shared.contracts.topics import TOPICS
from shared.messaging.topics import all_partitions

Seen = Callable[[dict[str, Any]], None]


class Follower:
    """Calls `on_event` for every event and `on_mail` for every mail, in the order in which they are seen here."""

    def __init__(self, kafka: list[str], mailbox: Path, on_event: Seen, on_mail: Seen) -> None:
        self._kafka = kafka
        self._mailbox = mailbox
        self._on_event = on_event
        self._on_mail = on_mail
        self._tasks: list[asyncio.Task[None]] = []
        self._read: set[str] = set()

    async def __aenter__(self) -> Follower:
        self._tasks = [asyncio.create_task(self._events()), asyncio.create_task(self._mails())]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Raises what ended the following before its time, where nothing else went wrong: a story that was followed to
        its middle must not be judged as if it were whole."""
        for task in self._tasks:
            task.cancel()
        ended = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._look()
        if kind is None and (fault := next((e for e in ended if isinstance(e, Exception)), None)) is not None:
            raise fault

    async def _events(self) -> None:
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka, enable_auto_commit=False, fetch_max_wait_ms=50)
        await consumer.start()
        try:
            consumer.assign(await all_partitions(consumer, TOPICS))
            await consumer.seek_to_beginning()
            while True:
                for batch in (await consumer.getmany(timeout_ms=100)).values():
                    for record in batch:
                        if record.value is not None:
                            self._on_event(json.loads(record.value))
        finally:
            await consumer.stop()

    async def _mails(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(0.02)

    def _look(self) -> None:
        for path in sorted(self._mailbox.glob("*.eml")):
            if path.name in self._read:
                continue
            self._read.add(path.name)
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            self._on_mail(
                {
                    "to": str(message["To"]),
                    "subject": str(message["Subject"]),
                    "type": str(message["X-Entente-Type"] or ""),
                    "event_id": str(message["X-Entente-Event"] or ""),
                    "at": path.stat().st_mtime,
                }
            )
