"""One running stack for the tests that need one and leave it as they found it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.embedded.stack import Stack
from shared.contracts.topics import TOPICS
from tests.support.servers import PausableStack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, servers_may_be_paused: None) -> Iterator[Stack]:
    """The stack with all three services, ready. Its logs lie in a folder of the test run."""
    place: Path = tmp_path_factory.mktemp("stack")
    running = PausableStack(TOPICS, directory=place, logs=place / "logs")
    asyncio.run(running.start())
    yield running
    asyncio.run(running.stop())
