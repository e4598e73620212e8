"""A consumer killed between effect and commit: the records come again, the effects do not."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from shared.store import MongoDocuments
from shared.store.client import close, connect
from tests.support.eventually import eventually
from tests.support.messages import Effects, record
from tests.support.wired import committed, group_of, make_topic, put

pytestmark = pytest.mark.embedded


def start(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, stdin=subprocess.PIPE)


async def test_killed_between_effect_and_commit_each_effect_happens_once(
    kafka_address: list[str], topic_prefix: str, mongodb_uri: str, database_name: str
) -> None:
    await make_topic(kafka_address, topic_prefix)
    await put(kafka_address, topic_prefix, [record(key, n) for n in range(1, 21) for key in ("a", "b", "c")])
    client = connect(mongodb_uri)
    effects = Effects(MongoDocuments(client[database_name]["tallies"]))  # type: ignore[arg-type]
    group, addresses = group_of(topic_prefix), ",".join(kafka_address)
    command = [sys.executable, "-m", "tests.support.run_consumer", addresses, topic_prefix, mongodb_uri, database_name]
    first = start(*command, "before-commit")
    second: subprocess.Popen[bytes] | None = None
    try:
        assert await asyncio.to_thread(first.wait, 40) == -signal.SIGKILL
        assert await effects.applied("a"), "it died after effects"
        assert await committed(kafka_address, topic_prefix, group) == {}, "and before the commit"

        second = start(*command)

        async def all_committed() -> bool:
            return await committed(kafka_address, topic_prefix, group) == {0: 60}

        await eventually(all_committed, within=40, what="the next one has committed everything")
        for key in ("a", "b", "c"):
            assert await effects.applied(key) == list(range(1, 21))
    finally:
        for process in filter(None, (first, second)):
            process.kill()
            await asyncio.to_thread(process.wait)
        await close(client)
