"""A supervisor to be killed: starts the stack with one fake service, prints what runs where, stays.

python -m tests.support.run_stack DIRECTORY
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from deploy.embedded.stack import Service, Stack


async def main(directory: Path) -> None:
    service = Service("fake", (sys.executable, "-m", "tests.support.fake_service"))
    async with Stack(["a.topic"], services=[service], directory=directory, logs=directory / "logs") as stack:
        places = [stack.kafka, stack.smtp, stack.mongodb, stack.issuer, stack.urls["fake"]]
        processes = {name: child.pid for name, child in stack.children.items()}
        sys.stdout.write(json.dumps({"processes": processes, "places": places}) + "\n")
        sys.stdout.flush()
        await stack.watch()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
