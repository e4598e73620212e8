"""Calls of `entente`: in place, or against a running system in a thread of their own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from typer.testing import CliRunner, Result

from deploy.embedded.stack import Stack
from deploy.terminal.app import app


def entente(*arguments: str, **variables: str) -> Result:
    """One call with these variables beside those of the process; what it prints on stderr is in `stderr`."""
    return CliRunner(env=variables).invoke(app, list(arguments))


@dataclass(frozen=True)
class Terminal:
    """The terminal with its settings. A call runs beside the test's own event loop."""

    variables: dict[str, str]

    @classmethod
    def of(cls, stack: Stack) -> Self:
        """Pointed at this system."""
        return cls(
            {
                "ENTENTE_KAFKA": stack.kafka,
                "ENTENTE_MONGODB": stack.mongodb,
                "ENTENTE_DATABASES": pairs(stack.databases),
                "ENTENTE_SERVICES": pairs(stack.urls),
                "ENTENTE_ISSUER": stack.issuer,
                "ENTENTE_KAFKA_PARTITIONS": str(stack.partitions),
            }
        )

    async def __call__(self, *arguments: str) -> Result:
        """One call, whatever it comes to; never a traceback."""
        done = await asyncio.to_thread(entente, *arguments, **self.variables)
        assert "Traceback" not in done.output
        return done

    async def json(self, *arguments: str, exit_code: int = 0) -> Any:
        """What it prints with --json; it must end with that exit code."""
        done = await self("--json", *arguments)
        assert done.exit_code == exit_code, f"{done.exit_code}: {done.output[-2000:]}"
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    async def calm(self, within: float = 60) -> None:
        """Returns when every consumer has joined and committed all it was sent, and status has nothing to say."""
        deadline = time.monotonic() + within
        while not _calm(await self("--json", "status")):
            assert time.monotonic() < deadline, (await self("status")).output

    async def refused(self, *arguments: str) -> tuple[int, str]:
        """Exit code and the one line on stderr of a call that must fail."""
        done = await self(*arguments)
        assert done.exit_code != 0, done.output
        assert len(done.stderr.splitlines()) == 1, done.stderr
        return done.exit_code, done.stderr


def _calm(status: Result) -> bool:
    """Status itself lets a few records wait: it speaks of a lag from 1,000 on."""
    return status.exit_code == 0 and not any(group["waiting"] for group in json.loads(status.stdout)["consumers"])


def pairs(values: Mapping[str, str]) -> str:
    """As a setting names something for each service."""
    return ",".join(f"{name}={value}" for name, value in values.items())
