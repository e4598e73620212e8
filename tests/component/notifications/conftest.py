"""The world every test of this service begins with."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.component.notifications.world import CAST, World, running


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A service with nobody known to it."""
    async with running() as world:
        yield world


@pytest.fixture
async def staffed(world: World) -> World:
    """A service that knows the whole cast."""
    await world.recorded(*CAST)
    return world
