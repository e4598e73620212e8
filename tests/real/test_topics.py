"""A service on topics that are not as the contracts want them: it ends at once and says what to call."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from deploy.embedded.process import free_port
from deploy.embedded.stack import Stack
from shared.contracts.topics import TOPICS
from shared.messaging.topics import Topics
from tests.support.real_servers import empty_topics

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]
REFUSED = 2


async def refused(kafka: list[str], mongodb: str, database: str, partitions: int) -> str:
    """What a service says that ends by itself at its start."""
    settings = {
        "ENTENTE_KAFKA": ",".join(kafka),
        "ENTENTE_KAFKA_PARTITIONS": str(partitions),
        "ENTENTE_MONGODB": mongodb,
        "ENTENTE_DATABASE": database,
        "ENTENTE_ISSUER": f"http://127.0.0.1:{free_port()}",
        "ENTENTE_HTTP_HOST": "127.0.0.1",
        "ENTENTE_HTTP_PORT": str(free_port()),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "services.matching",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE, env=os.environ | settings,
    )  # fmt: skip
    try:
        async with asyncio.timeout(60):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == REFUSED, said.decode()
    return said.decode()


async def test_missing_topics_are_refused_with_the_command_that_makes_them(
    kafka_address: list[str], mongodb_uri: str, database_name: str
) -> None:
    await empty_topics(",".join(kafka_address))
    said = await refused(kafka_address, mongodb_uri, database_name, 6)
    assert "is missing: entente topics apply" in said, said


async def test_topics_with_other_partition_counts_are_refused_with_the_command_that_mends_them(
    kafka_address: list[str], mongodb_uri: str, database_name: str
) -> None:
    await empty_topics(",".join(kafka_address))
    assert await Topics(kafka_address, partitions=3).apply() == []
    try:
        few = await refused(kafka_address, mongodb_uri, database_name, 6)
        assert "has 3 partitions instead of 6" in few, few
        assert "kafka-topics.sh" in few, few
        assert "--alter --partitions 6" in few, few
        many = await refused(kafka_address, mongodb_uri, database_name, 2)
        assert "set ENTENTE_KAFKA_PARTITIONS=3" in many, many
    finally:
        await empty_topics(",".join(kafka_address))


async def test_a_service_that_was_refused_starts_once_it_is_mended(
    kafka_address: list[str], mongodb_uri: str, database_name: str, tmp_path: Path
) -> None:
    await empty_topics(",".join(kafka_address))
    await refused(kafka_address, mongodb_uri, database_name, 6)
    async with Stack(TOPICS, directory=tmp_path, logs=tmp_path / "logs") as stack:
        assert await stack.is_ready("matching")
