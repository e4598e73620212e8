"""`entente republish AGGREGATE`: the owning service says the current state again, as a new event; `--all TYPE` those of
every aggregate of a type."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from deploy.services import SERVICES
from deploy.terminal.failing import Exit, Failed, end, run
from deploy.terminal.showing import Call
from shared.contracts.topics import TOPICS, Retention

if TYPE_CHECKING:
    from deploy.terminal.asking import Asking

PRODUCERS = tuple(name for name in SERVICES if any(topic.producer == name for topic in TOPICS.values()))
TYPES = {topic.aggregate: topic for topic in TOPICS.values() if topic.producer in SERVICES}
SAYABLE = [name for name, topic in TYPES.items() if topic.retention is Retention.COMPACTED]
"""Of these a topic keeps the state, and a service says it again."""

AT_ONCE = 8
"""Calls side by side with --all: each is a write of its service, beside what its callers ask of it. Where all of them
fail it is the service and not one of its aggregates, and the rest is left."""

TOLD_EVERY = 50 * AT_ONCE
AGAIN = "call again: to say a state twice does no harm"


def republish_command(
    context: typer.Context,
    aggregate: Annotated[str | None, typer.Argument(help="type/id, such as expert/exp_1, or the id alone")] = None,
    every: Annotated[
        str | None, typer.Option("--all", metavar="TYPE", help=f"all of a type instead: {', '.join(SAYABLE)}")
    ] = None,
) -> None:
    """Announce the current state of an aggregate as a new event with the next sequence, by the service that owns it.

    For a consumer that has lost or missed a state. Nobody is told anything. What lives on a topic that is kept for
    ever is refused: every event is still there. With --all, whatever was announced before; exit code 1 where some
    failed.
    """
    call: Call = context.obj()
    if every is not None and aggregate is None:
        _show_all(call, run(lambda: _republish_all(call, every)))
    if aggregate is None or every is not None:
        end("give either an aggregate or --all TYPE; see 'entente republish --help'", Exit.USAGE)
    said = run(lambda: _republish(call, aggregate))
    call.shown.answer(said)
    for event in said["said"]:
        call.shown.line(f"{said['aggregate']}: {event['type']} #{event['sequence']} on {event['topic']}")


async def _republish(call: Call, aggregate: str) -> dict[str, Any]:
    type_, slash, id_ = aggregate.rpartition("/")
    if not id_ or (slash and type_ not in TYPES):
        raise Failed(f"{aggregate}: give type/id or an id; types are {', '.join(sorted(TYPES))}", Exit.USAGE)
    async with call.asking() as ask:
        owners = (TYPES[type_].producer,) if slash else PRODUCERS
        for service in owners:
            if (said := await _say(ask, service, aggregate)) is not None:
                return said
        await ask.all_there(owners)
    raise Failed(f"no service knows {aggregate}")


async def _republish_all(call: Call, type_: str) -> dict[str, Any]:
    """What was said again, what failed and why, and what was left. Failed where nothing can be begun."""
    if type_ not in SAYABLE:
        raise Failed(
            f"{type_}: give {', '.join(SAYABLE)}; what lives on a topic that is kept for ever is not said again",
            Exit.USAGE,
        )
    from deploy.terminal.looks.announced import announced_on  # late: see commands/__init__.py

    topic = TYPES[type_]
    found: dict[str, Any] = {"type": type_, "announced": 0, "said": 0, "gone": 0, "failed": [], "left": 0}
    async with call.asking() as ask:
        ids = await announced_on(call.settings, topic, await ask.setup_here(topic.producer))
        found["announced"] = len(ids)
        for start in range(0, len(ids), AT_ONCE):
            if start and start % TOLD_EVERY == 0:
                call.shown.line(f"{type_}: {start} of {len(ids)}")
            some = ids[start : start + AT_ONCE]
            told = await asyncio.gather(*(_tried(ask, topic.producer, f"{type_}/{id_}") for id_ in some))
            failed = [
                {"aggregate": id_, "why": str(said)} for id_, said in zip(some, told, strict=True) if _failed(said)
            ]
            found["failed"] += failed
            found["gone"] += told.count(None)
            found["said"] += len(some) - len(failed) - told.count(None)
            if len(failed) == AT_ONCE:
                found["left"] = len(ids) - start - AT_ONCE
                break
    return found


def _failed(said: dict[str, Any] | Failed | None) -> bool:
    return isinstance(said, Failed)


async def _tried(ask: Asking, service: str, aggregate: str) -> dict[str, Any] | Failed | None:
    try:
        return await _say(ask, service, aggregate)
    except Failed as error:
        return error


async def _say(ask: Asking, service: str, aggregate: str) -> dict[str, Any] | None:
    """What was said; None where the service knows no such aggregate, such as one that was erased meanwhile."""
    said: dict[str, Any] | None = await ask(
        service,
        "POST",
        "/operations/republish",
        json={"aggregate": aggregate},
        unheard=AGAIN,
    )
    return said


def _show_all(call: Call, found: dict[str, Any]) -> NoReturn:
    call.shown.answer(found)
    for row in found["failed"]:
        call.shown.line(f"    {row['aggregate']}: {row['why']}")
    rest = "".join(f", {found[kind]} {kind}" for kind in ("gone", "left") if found[kind])
    failed = f", {len(found['failed'])} failed" if found["failed"] else ""
    again = f"; {AGAIN}" if found["failed"] else ""
    call.shown.line(f"{found['type']}: {found['said']} of {found['announced']} said again{failed}{rest}{again}")
    raise typer.Exit(int(Exit.FOUND if found["failed"] else Exit.OK))
