"""Taking a backup while the service works.

No snapshot of the whole database is needed. Every decision is one document with its guard and its outbox, and the
offsets are read before the documents: what was consumed before them has left its effect in what is read afterwards, and
whatever came later is consumed again after a restore, where the guards tell what is known already. Two decisions that
no event joins, such as an offer and its hold, are told apart by the order in which collections are read (`order.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.terminal.asking import Asking
from deploy.terminal.backups.file import FORMAT, Head, Whole, Writing, on_disk
from deploy.terminal.backups.last import lasts_before
from deploy.terminal.backups.offsets import ends_of, stands_at
from deploy.terminal.backups.order import in_order
from deploy.terminal.failing import Exit, Failed
from deploy.terminal.settings import TerminalSettings, variable_of
from shared.contracts.topics import TOPICS
from shared.store.client import close, connect

STORE_MS = 10_000
BESIDE = "_reb_"
"""Part of the name of a collection that a rebuild fills."""


async def take(settings: TerminalSettings, service: str, directory: Path) -> tuple[Path, Whole]:
    """The file, checked after it was written. Reads only. Failed where the service does not answer."""
    head, made = await _head(settings, service)
    stamp = datetime.fromisoformat(head.taken_at).strftime("%Y%m%dT%H%M%SZ")
    path = directory / f"{service}-{stamp}.backup"
    with on_disk(path):
        taken = path.exists()
    if taken:
        raise Failed(f"{path} is there already; nothing was written", Exit.USAGE)
    client = connect(settings.mongodb.get_secret_value(), timeout_ms=STORE_MS)
    try:
        database = client[head.database]
        if made and made.isdisjoint(await database.list_collection_names()):
            raise Failed(
                f"{head.database} at {variable_of('mongodb')} holds no collection of {service}, which has made some: "
                "is it the deployment the service works on? nothing was written",
                Exit.USAGE,
            )
        writing = Writing(path, head)
        try:
            await _read(database, writing)
            return path, writing.end()
        except BaseException:
            writing.give_up()
            raise
    finally:
        await close(client)


async def _read(database: Any, writing: Writing) -> None:
    for name in in_order(writing.head.service, await database.list_collection_names()):
        if BESIDE not in name:
            async for document in database[name].find({}):
                writing.document(name, document)


async def _head(settings: TerminalSettings, service: str) -> tuple[Head, set[str]]:
    """What the backup begins with, and the collections the service has made at its start."""
    async with Asking(settings) as ask:
        setup = await ask.setup_here(service)
    listened = {row["topic"] for row in setup["consumes"]}
    own = {name for name, topic in TOPICS.items() if topic.producer == service}
    ends = await ends_of(settings.kafka, sorted(listened | own))
    taken_at = datetime.now(UTC)
    groups = {
        row["group"]: {
            row["topic"]: await stands_at(settings.kafka, row["group"], row["topic"], len(ends[row["topic"]]))
        }
        for row in setup["consumes"]
    }
    own_ends = {topic: ends[topic] for topic in sorted(own)}
    head = Head(
        format=FORMAT,
        service=service,
        database=settings.databases[service],
        taken_at=taken_at.isoformat(timespec="seconds"),
        groups=groups,
        lasts={group: await lasts_before(settings.kafka, offsets) for group, offsets in groups.items()},
        ends=own_ends,
        own_lasts=await lasts_before(settings.kafka, own_ends),
        announces=[(row["collection"], row["topic"]) for row in setup["announces"]],
    )
    return head, {row["collection"] for row in setup["indexes"]}
