"""What the tests of the roster's rebuild share: to begin one, to spoil what is kept, to see what stands."""

from __future__ import annotations

import json
from typing import Any

from shared.contracts import topics
from shared.runtime.rebuilding import Rebuilds
from shared.store import MemoryDocuments
from tests.support.eventually import eventually
from tests.support.matching_world import World

PLACE = "/operations/rebuilds/roster"
SPRING = {"kind": "available", "first_day": "2030-04-01", "last_day": "2030-07-31"}


async def begun(world: World, expect: int = 202) -> Any:
    answer = await world.call("POST", PLACE, "operator", "per_operator")
    assert answer.status_code == expect, answer.text
    return answer.json()


async def stands(world: World) -> Any:
    return await world.get(PLACE, "operator", "per_operator")


async def rebuilt(world: World) -> Any:
    """Begin, and wait for the end."""
    assert (await begun(world))["state"] == "running"

    async def over() -> bool:
        return bool((await stands(world))["state"] != "running")

    await eventually(over, within=30, what="the rebuild to end")
    return await stands(world)


def row(world: World, id_: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.kept["roster"]._rows[id_])
    return found


def spoil(world: World, id_: str, **changed: Any) -> None:
    """Write into a document behind the service's back, as something that went wrong once would have."""
    document = row(world, id_)
    document["state"].update(changed)
    world.kept["roster"]._rows[id_] = json.dumps(document)


def beside(world: World) -> list[MemoryDocuments]:
    """The collections that rebuilds have made."""
    return [kept for name, kept in world.kept.items() if name.startswith("roster_reb_")]


def declared(world: World, expert_id: str) -> list[Any]:
    found: list[Any] = json.loads(world.kept["calendars"]._rows[expert_id])["state"]["entries"]
    return found


def forgotten(world: World, *expert_ids: str) -> None:
    """Nothing is on the topic of these any more: a tombstone of theirs was compacted away too."""
    experts = world.bus.topics[topics.EXPERTS.name]
    experts[:] = [record for record in experts if record.key.decode() not in expert_ids]
    for listener in world.bus.listeners:
        if listener.subscription.topic is topics.EXPERTS:
            listener.read = len(experts)


def rebuilds(world: World) -> Rebuilds:
    return next(part for part in world.service.parts if isinstance(part, Rebuilds))


def wrong(told: dict[str, Any]) -> dict[str, int]:
    return {kind: told[kind] for kind in ("differed", "missing", "erased", "newer") if told[kind]}
