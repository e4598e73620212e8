"""Whether a system has come to rest: a cheap look first, the whole audit only where the look says so."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer

from deploy.audit.audit import audit
from deploy.audit.deliveries import ON_ITS_WAY
from deploy.audit.evidence import Evidence, gather
from deploy.audit.findings import Findings
from shared.contracts.topics import TOPICS
from shared.messaging.topics import all_partitions
from shared.store.client import close, connect

LOOK_SECONDS = 0.4
"""Between two looks, at the least. What moves between them is not at rest."""

LOOK_SHARE = 5
"""The pause after a look is at least so many times as long as the look: watching leaves the servers to the watched."""


class Watch:
    """Looks at outboxes, deliveries and the ends of the topics; costs a few counts and no document.

    A system at rest can still be in the middle of something that waits: a consumer that joins its group again, a
    deadline in the future. `settled` therefore believes the audit, and looks again where the audit disagrees.
    """

    def __init__(self, kafka: list[str], mongodb: str, databases: Mapping[str, str], mailbox: Path | None) -> None:
        self._kafka, self._mongodb = kafka, mongodb
        self._databases, self._mailbox = dict(databases), mailbox

    async def settled(self, *, within: float, patience: float = 8.0) -> tuple[Findings, Evidence]:
        """What the audit says once the system is at rest and nothing is pending or missing.

        After `within` seconds: what it says then, whatever it is. What is not on its way (nothing moves) and is still
        missing `patience` seconds later is missing for good: a consumer needs 6 s to take the place of a dead one.
        """
        deadline = time.monotonic() + within
        quiet_since, last = time.monotonic(), ""
        consumer = AIOKafkaConsumer(bootstrap_servers=self._kafka, enable_auto_commit=False)
        client = connect(self._mongodb, timeout_ms=10_000)
        await consumer.start()
        try:
            while True:
                began = time.monotonic()
                seen, busy = await self._look(consumer, client)
                now = time.monotonic()
                pause = max(LOOK_SECONDS, LOOK_SHARE * (now - began))
                if seen != last or busy:
                    quiet_since, last = now, seen
                if (seen == last and not busy and now - quiet_since >= LOOK_SECONDS) or now >= deadline:
                    evidence = await gather(self._kafka, self._mongodb, self._databases, self._mailbox)
                    findings = audit(evidence, with_mail=self._mailbox is not None)
                    waiting = bool(findings.pending or findings.lost)
                    if not waiting or now >= deadline or now - quiet_since >= patience:
                        return findings, evidence
                await asyncio.sleep(pause)
        finally:
            await consumer.stop()
            await close(client)

    async def _look(self, consumer: AIOKafkaConsumer, client: Any) -> tuple[str, bool]:
        """A text that changes when anything is published, and whether something is visibly on its way."""
        ends = await consumer.end_offsets(await all_partitions(consumer, TOPICS))
        seen = repr(sorted((p.topic, p.partition, end) for p, end in ends.items()))
        for service, name in self._databases.items():
            database = client[name]
            for collection in await database.list_collection_names():
                if await _any(database[collection], {"pending_since": {"$gt": 0}}):
                    return seen, True
            if service == "notifications":
                for state in ON_ITS_WAY:
                    if await _any(database["deliveries"], {"keys.state": state}):
                        return seen, True
        return seen, False


async def _any(collection: Any, where: dict[str, Any]) -> bool:
    """Whether there is one. Not by a count: the stand-in counts by reading the whole collection."""
    return bool(await collection.find(where, {"_id": 1}).limit(1).to_list(None))
