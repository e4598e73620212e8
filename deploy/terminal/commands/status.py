"""`entente status`: how a running system stands, and what of it needs somebody."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from deploy.terminal.commands.doctor import STORE_MS
from deploy.terminal.failing import Exit, run
from deploy.terminal.showing import Call, Shown, ago, counted
from shared.errors import Away

if TYPE_CHECKING:
    from deploy.terminal.looks.consumers import Consumed
    from deploy.terminal.looks.services import Readiness
    from deploy.terminal.looks.waiting import Waiting

T = TypeVar("T")
OLD = timedelta(seconds=60)
"""An announcement is published within milliseconds; one that waits a minute waits for something."""

LAGGING = 1000
"""Records that wait for a group, from which on somebody is told; the alert ConsumerLagging has the same number."""


@dataclass(slots=True)
class Standing:
    """What was found; None, and a line in `away`, for what did not answer."""

    at: datetime
    services: list[Readiness] = field(default_factory=list)
    consumers: list[Consumed] | None = None
    waiting: Waiting | None = None
    members: list[dict[str, str]] | None = None
    away: list[str] = field(default_factory=list)

    def replicas(self, service: str) -> int | None:
        """Members of the best staffed group of a service; None where nobody tells."""
        told = [c.members for c in self.consumers or () if c.group.startswith(f"{service}.") and c.members is not None]
        return max(told, default=None)


def status_command(context: typer.Context) -> None:
    """Replicas, lag per group and topic, outboxes, deadlines that are late, and what is parked.

    Exit code 1 where something needs somebody, 3 where something does not answer.
    """
    call: Call = context.obj()
    found = run(lambda: _stand(call))
    needs = attention(found)
    call.shown.answer(_as_json(found, needs))
    _show(call.shown, found)
    for line in unasked(found):
        call.shown.line(line)
    for line in [*found.away, *needs]:
        call.shown.line(f"! {line}")
    if not (found.away or needs):
        call.shown.line("nothing needs you")
    raise typer.Exit(int(Exit.AWAY if found.away else Exit.FOUND if needs else Exit.OK))


async def _stand(call: Call) -> Standing:
    from deploy.terminal.looks.consumers import consumed  # late: see commands/__init__.py
    from deploy.terminal.looks.services import readiness
    from deploy.terminal.looks.store import members_of
    from deploy.terminal.looks.waiting import waiting
    from shared.store.client import close, connect

    settings = call.settings
    found = Standing(datetime.now(UTC))
    client = connect(settings.mongodb.get_secret_value(), timeout_ms=STORE_MS)
    try:
        found.services, found.consumers, found.waiting, found.members = await asyncio.gather(
            readiness(settings),
            _or_away(found, "kafka", consumed(settings.kafka)),
            _or_away(found, "mongodb", waiting(client, settings.databases, found.at)),
            _or_away(found, "", members_of(client)),
        )
    finally:
        await close(client)
    found.away += [f"{one.who} {one.why}" for one in found.services if one.red is None]
    return found


async def _or_away(found: Standing, who: str, looking: Awaitable[T]) -> T | None:
    """What it finds; None, and a line that says so once, where it does not answer."""
    from aiokafka.errors import KafkaError  # late: see commands/__init__.py
    from pymongo.errors import PyMongoError

    try:
        return await looking
    except (Away, KafkaError, PyMongoError, OSError, TimeoutError) as error:
        if who:
            found.away.append(f"{who} does not answer ({type(error).__name__}): entente doctor")
        return None


def unasked(found: Standing) -> list[str]:
    """Services of which Kafka knows more replicas than were asked: behind a proxy one answers for all. Pure."""
    asked = Counter(one.service for one in found.services)
    return [
        f"{asked[service]} of {there} replicas of {service} asked: its address tells no more of them apart"
        for service in asked
        if (there := found.replicas(service) or 0) > asked[service]
    ]


def attention(found: Standing) -> list[str]:
    """What needs somebody, each with the command that goes on from there. Pure."""
    needs = [f"{s.who} is not ready: {red}: entente doctor" for s in found.services for red in s.red or ()]
    needs += [
        f"nobody consumes {group.topic} as {group.group}: start {group.group.partition('.')[0]}"
        for group in found.consumers or ()
        if group.members == 0
    ]
    needs += [
        f"{counted(group.waiting, 'record')} of {group.topic} wait for {group.group}: ask again; where that does not "
        "fall, the runbook, ConsumerLagging"
        for group in found.consumers or ()
        if group.waiting > LAGGING and group.members != 0
    ]
    if found.waiting is not None:
        needs += [nobody.line for nobody in found.waiting.empty]
        needs += [
            f"{counted(box.documents, 'document')} of {box.service}.{box.collection} not published since "
            f"{ago(found.at - box.oldest)}: entente doctor, then its readiness check 'relay'"
            for box in found.waiting.outboxes
            if found.at - box.oldest > OLD
        ]
        needs += [
            f"{counted(late.documents, 'deadline')} of {late.service}.{late.collection} late, the oldest by "
            f"{ago(found.at - late.oldest)}: is {late.service} running?"
            for late in found.waiting.late
        ]
        needs += [
            f"{counted(lot.events, 'event')} of {counted(lot.keys, 'key')} parked by {lot.group}: entente parked list"
            for lot in found.waiting.parked
        ]
    return needs + [f"store member {m['name']} is {m['state']}: entente doctor" for m in found.members or () if _ill(m)]


def _ill(member: dict[str, str]) -> bool:
    return member["state"] not in ("PRIMARY", "SECONDARY", "ARBITER")


def _as_json(found: Standing, needs: list[str]) -> dict[str, Any]:
    stands = found.waiting

    def rows(kind: list[Any]) -> list[dict[str, Any]]:
        return [{**asdict(row), "oldest_seconds": (found.at - row.oldest).total_seconds()} for row in kind]

    return {
        "at": found.at.isoformat(),
        "services": [
            {
                "service": s.service,
                "address": s.address or None,
                "ready": s.ready,
                "red": s.red,
                "replicas": found.replicas(s.service),
            }
            for s in found.services
        ],
        "store_members": found.members,
        "consumers": None
        if found.consumers is None
        else [{**asdict(group), "waiting": group.waiting} for group in found.consumers],
        "outboxes": None if stands is None else rows(stands.outboxes),
        "deadlines_late": None if stands is None else rows(stands.late),
        "parked": None if stands is None else rows(stands.parked),
        "away": found.away,
        "attention": needs,
    }


def _show(shown: Shown, found: Standing) -> None:
    told = [(s.who, _word(s), found.replicas(s.service)) for s in found.services]
    told += [(f"store {member['name']}", member["state"].lower(), None) for member in found.members or ()]
    shown.table("Replicas", ("what", "state", "replicas"), told)
    if found.consumers is not None:
        shown.table(
            "Consumers",
            ("group", "topic", "lag", "members", "state"),
            [(c.group, c.topic, c.waiting, c.members, c.state) for c in found.consumers],
        )
    if found.waiting is not None:
        rows = [("outbox", f"{b.service}.{b.collection}", b.documents, b.oldest) for b in found.waiting.outboxes]
        rows += [("deadline late", f"{b.service}.{b.collection}", b.documents, b.oldest) for b in found.waiting.late]
        rows += [("parked", f"{b.group} ({b.topic})", b.events, b.oldest) for b in found.waiting.parked]
        if rows:
            aged = [(kind, where, count, ago(found.at - since)) for kind, where, count, since in rows]
            shown.table("Waiting", ("what", "where", "how many", "oldest"), aged)
        else:
            shown.line("Outboxes are empty, no deadline is late, nothing is parked.")


def _word(one: Readiness) -> str:
    return "does not answer" if one.red is None else "ready" if one.ready else "not ready"
