"""`entente republish AGGREGATE`: the owning service says the current state again, as a new event."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from deploy.terminal.asking import Asking
from deploy.terminal.failing import Exit, Failed, run
from deploy.terminal.settings import SERVICES
from deploy.terminal.showing import Call
from shared.contracts.topics import TOPICS

PRODUCERS = tuple(name for name in SERVICES if any(topic.producer == name for topic in TOPICS.values()))
TYPES = {topic.aggregate: topic.producer for topic in TOPICS.values() if topic.producer in SERVICES}


def republish_command(
    context: typer.Context,
    aggregate: Annotated[str, typer.Argument(help="type/id, such as expert/exp_1, or the id alone")],
) -> None:
    """Announce the current state of an aggregate as a new event with the next sequence, by the service that owns it.

    For a consumer that has lost or missed a state. Nobody is told anything. What lives on a topic that is kept for
    ever is refused: every event is still there.
    """
    call: Call = context.obj()
    said = run(lambda: _republish(call, aggregate))
    call.shown.answer(said)
    for event in said["said"]:
        call.shown.line(f"{said['aggregate']}: {event['type']} #{event['sequence']} on {event['topic']}")


async def _republish(call: Call, aggregate: str) -> dict[str, Any]:
    type_, slash, id_ = aggregate.rpartition("/")
    if not id_ or (slash and type_ not in TYPES):
        raise Failed(f"{aggregate}: give type/id or an id; types are {', '.join(sorted(TYPES))}", Exit.USAGE)
    async with Asking(call.settings) as ask:
        for service in (TYPES[type_],) if slash else PRODUCERS:
            said: dict[str, Any] | None = await ask(
                service,
                "POST",
                "/operations/republish",
                json={"aggregate": aggregate},
                unheard="call again: to say a state twice does no harm",
            )
            if said is not None:
                return said
    raise Failed(f"no service knows {aggregate}")
