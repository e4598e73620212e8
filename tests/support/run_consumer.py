"""A consumer to be killed: evaluations in, tallies out, until SIGKILL or until its standard input ends.

python -m tests.support.run_consumer KAFKA PREFIX MONGODB DATABASE [CRASH]

CRASH `before-commit`: kills itself with SIGKILL when the effects of the first batch are durable and its commit is due.
`hold`: says "in hand" when its first batch has come, and never gets done with it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

from shared.messaging.consumer import Consumer
from shared.store import MongoDocuments
from shared.store.client import connect
from tests.support.messages import Effects
from tests.support.wired import Wired


async def main(kafka: str, prefix: str, mongodb: str, database: str, crash: str = "") -> None:
    if crash == "hold":

        async def hold(*_: Any) -> None:
            sys.stdout.write("in hand\n")
            sys.stdout.flush()
            await asyncio.Event().wait()

        Effects.handle = hold  # type: ignore[method-assign, assignment]
    client = connect(mongodb)
    tables = client[database]
    wired = Wired(
        kafka.split(","), prefix, parking=MongoDocuments(tables["parked"]), tallies=MongoDocuments(tables["tallies"])
    )
    if crash == "before-commit":

        async def die(*_: Any) -> None:
            os.kill(os.getpid(), signal.SIGKILL)

        Consumer._commit = die  # type: ignore[method-assign, assignment]
    await wired.messaging.start()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await wired.messaging.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
