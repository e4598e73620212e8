"""A service's own topics, which it also consumes: what it had decided after the backup must not reach it again.

The state is that of the backup; an event of a later state would take effect on a state that never led to it. So each of
the service's own consumers is told, in its parking lot, which events of which aggregate were lost: it passes them over,
and they leave no gap. What lies behind them on the topic was announced after the restore, and is handled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from deploy.terminal.backups.sequences import RESTORING
from deploy.terminal.backups.since import Beyond
from shared.contracts.topics import TOPICS
from shared.messaging.parked import PARKED, ParkedKey
from shared.messaging.parking import lot_id
from shared.messaging.record import shown
from shared.store import Decision
from shared.store.writing import blank, written

ANSWERS_KEPT = timedelta(hours=24)


def passed_over(
    service: str,
    groups: Mapping[str, Iterable[str]],
    beyond: Beyond,
    lots: Iterable[Mapping[str, Any]],
    now: datetime,
) -> dict[str, dict[str, Any]]:
    """The documents of the parking lot, by id, that have the service's consumers pass over what was lost.

    `groups` are its consumer groups and their topics, `lots` the documents of the lot in the backup: what waits there
    goes on waiting. Pure.
    """
    lost, known = beyond.lost(), {row["_id"]: dict(row) for row in lots}
    made: dict[str, dict[str, Any]] = {}
    for group, topics in groups.items():
        own = {topic for topic in topics if TOPICS[topic].producer == service}
        for (topic, aggregate), sequences in lost.items():
            if topic not in own:
                continue
            key = shown(aggregate.encode())
            id_ = lot_id(group, topic, key)
            before = known.get(id_) or blank(id_, RESTORING, now)
            held = before["state"]
            state = ParkedKey.model_validate(held) if held else ParkedKey(group=group, topic=topic, key=key)
            after = state.with_lost(sequences, beyond.ends[topic, aggregate])
            made[id_] = written(before, PARKED, RESTORING, Decision(after), now, ANSWERS_KEPT)
    return made
