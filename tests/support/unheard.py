"""What registration has said while matching stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from pymongo import MongoClient

from deploy.embedded.stack import Stack
from tests.support.eventually import eventually
from tests.support.terminal import Terminal


@asynccontextmanager
async def unheard(system: Stack, saying: Awaitable[object]) -> AsyncIterator[None]:
    """All that `saying` makes registration announce stands on its topics; matching reads it when the block ends."""
    system.pause("matching")
    try:
        await saying
        with MongoClient[dict[str, Any]](system.mongodb) as client:
            base = client[system.databases["registration"]]
            kinds = base["experts"], base["requests"]
            await eventually(
                lambda: not any(kind.find_one({"pending_since": {"$gt": 0}}) for kind in kinds),
                within=20,
                what="it is published",
            )
        yield
    finally:
        system.resume("matching")


@asynccontextmanager
async def expert_unheard(system: Stack, terminal: Terminal) -> AsyncIterator[None]:
    """One event waits for matching's roster, and nothing else for anybody: an expert announced once more."""
    await terminal.calm()
    with MongoClient[dict[str, Any]](system.mongodb) as client:
        expert = client[system.databases["registration"]]["experts"].find_one({})
    assert expert
    async with unheard(system, terminal.json("republish", f"expert/{expert['_id']}")):
        yield
