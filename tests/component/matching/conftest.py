"""Worlds for the tests of matching: empty, or with four experts who would all do, further and further along.

Each stage is played once; a test gets a process of its own over a copy of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.support.matching_world import World

EXPERTS = ("exp_1", "exp_2", "exp_3", "exp_4")


def _played() -> dict[str, World]:
    async def play() -> dict[str, World]:
        world = World()
        await world.staff(*EXPERTS)
        stages = {"staffed": world.restarted(World)}
        await world.open()
        stages["opened"] = world.restarted(World)
        await world.approve()
        return {**stages, "offered": world}

    return asyncio.run(play())


@pytest.fixture(scope="session")
def stages() -> dict[str, World]:
    """The stages to begin from; not to be changed."""
    return _played()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """Matching that has heard nothing yet."""
    made = World()
    yield made
    await made.http.aclose()


@pytest.fixture
def staffed(stages: dict[str, World]) -> World:
    """Four experts, ranked exp_1 to exp_4."""
    return stages["staffed"].restarted(World)


@pytest.fixture
def opened(stages: dict[str, World]) -> World:
    """And the terms of reference of a principal and a second expert are final."""
    return stages["opened"].restarted(World)


@pytest.fixture
def offered(stages: dict[str, World]) -> World:
    """And the list of the principal's position is approved: exp_1 is asked."""
    return stages["offered"].restarted(World)


@pytest.fixture(scope="module")
def unchanging(stages: dict[str, World]) -> World:
    """As `offered`, one for all tests of a module that change nothing."""
    return stages["offered"].restarted(World)
