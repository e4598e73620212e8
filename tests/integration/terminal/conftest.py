"""One running system for the tests of a file, and the terminal pointed at it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack
from shared.contracts.topics import TOPICS
from tests.support.load import Load
from tests.support.terminal import Terminal

SETTINGS = {"matching": {"ENTENTE_OFFER_RESPONSE": "6 seconds"}}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The three services, ready; real servers where ENTENTE_KAFKA and ENTENTE_MONGODB name them."""
    place: Path = tmp_path_factory.mktemp("system")
    running = Stack(TOPICS, extra_env=SETTINGS, directory=place, logs=place / "logs")
    asyncio.run(running.start())
    yield running
    asyncio.run(running.stop())


@pytest.fixture
def terminal(system: Stack) -> Terminal:
    """`entente`, with the settings of the running system."""
    return Terminal.of(system)


@pytest.fixture
async def load(system: Stack) -> AsyncIterator[Load]:
    """Requesters, officers and experts of the running system; sample data from a fixed seed."""
    made = Load(system.urls, system.issuer, seed=5)
    yield made
    await made.close()
