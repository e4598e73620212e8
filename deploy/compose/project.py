"""A project of `docker compose` of its own: other ports, other volumes than the one somebody may have running."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.process import ROOT, free_port
from deploy.services import DATABASES, SERVICES

HOST = "127.0.0.1"
PUBLISHED = ("identity", *SERVICES, "kafka", "mongodb", "mailpit")
READY_SECONDS = 420
"""For a start with everything built; the emulated MongoDB of a machine without its own is slow."""
STEP_SECONDS = 580


class ComposeError(Exception):
    """A command of Docker's failed, or there is no Docker; the message shows the end of what it said."""


def why_not() -> str | None:
    """Why no image can be run here; None where `docker compose` works."""
    if shutil.which("docker") is None:
        return "there is no docker command: install Docker with its compose plug-in"
    for command, what in ((("docker", "compose", "version"), "compose plug-in"), (("docker", "info"), "Docker engine")):
        made = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        if made.returncode:
            return f"the {what} does not answer: {(made.stderr or made.stdout).strip().splitlines()[-1:]}"
    return None


class Project:
    """The system of docker-compose.yml under a name and on free ports. `settings` are handed on to its services.

    `place` is the folder of its log, where a call may leave files.
    """

    def __init__(self, name: str, log: Path, settings: Mapping[str, str]) -> None:
        self.ports = {of: free_port() for of in PUBLISHED}
        self.place = log.parent
        self._log = log
        self._inherited = {k: v for k, v in os.environ.items() if not k.startswith("ENTENTE_")}
        self._own = {
            **{f"{of.upper()}_PORT": str(port) for of, port in self.ports.items()},
            **settings,
            "COMPOSE_FILE": str(ROOT / "docker-compose.yml"),  # also for calls from another folder
            "COMPOSE_PROGRESS": "plain",
            "COMPOSE_PROJECT_NAME": name,
        }

    def exports(self) -> str:
        """Lines for a shell whose `docker compose` is to mean this system."""
        return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in self._own.items())

    def places(self) -> dict[str, object]:
        """Where everything is, as build/dev.json says it."""
        return {
            "services": {name: {"url": self.at(name), "docs": f"{self.at(name)}/docs"} for name in SERVICES},
            "identity": {"url": self.at("identity")},
            "kafka": f"{HOST}:{self.ports['kafka']}",
            "mongodb": f"mongodb://{HOST}:{self.ports['mongodb']}/?directConnection=true",
            "databases": DATABASES,
            "mailpit": self.at("mailpit"),
        }

    def at(self, name: str) -> str:
        """The URL of what is published by that name."""
        return f"http://{HOST}:{self.ports[name]}"

    async def up(self, *more: str) -> None:
        """Start what is not running and wait until everything is healthy. Raises ComposeError."""
        await self.compose("up", "--detach", "--wait", "--wait-timeout", str(READY_SECONDS), *more)

    async def down(self) -> None:
        """Stop and remove everything, data too."""
        await self.compose("down", "--volumes", "--remove-orphans")

    def mean(self, service: str, replicas: int) -> None:
        """From now on so many replicas are meant, as a line of .env would say it; the next `up` makes it so."""
        self._own[f"{service.upper()}_REPLICAS"] = str(replicas)

    async def containers(self, service: str) -> list[str]:
        """Ids of the running containers of a service."""
        return (await self.compose("ps", "--quiet", service)).split()

    async def compose(self, *arguments: str) -> str:
        """What a command of compose answers; what it tells on the way is in the log. Raises ComposeError."""
        return await self.run("docker", "compose", *arguments)

    async def run(self, *command: str, folder: Path | None = None) -> str:
        """What a command answers; it ends when this is cancelled. It runs in the clone, or in a folder that is given.

        Raises ComposeError.
        """
        with self._log.open("ab") as log:
            log.write(f"\n$ {' '.join(command)}\n".encode())
            log.flush()
            start = log.tell()
            process = await asyncio.create_subprocess_exec(
                *command,
                cwd=folder or ROOT,
                env={**self._inherited, **self._own},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
            try:
                said, _ = await asyncio.wait_for(process.communicate(), STEP_SECONDS)
            except TimeoutError:
                raise ComposeError(f"{' '.join(command)} took longer than {STEP_SECONDS} s") from None
            finally:
                if process.returncode is None:
                    process.terminate()
                    await process.wait()
        if process.returncode:
            with self._log.open("ab") as log:
                log.write(said)
            tail = self._log.read_bytes()[start:].decode(errors="replace").splitlines()[-15:]
            raise ComposeError("\n    ".join([f"{' '.join(command)} ended with {process.returncode}:", *tail]))
        return said.decode()

    async def sizes(self, images: Mapping[str, str]) -> dict[str, float]:
        """Megabytes (10^6 bytes) of each image over its base: of the layers our Dockerfile adds."""
        found: dict[str, float] = {}
        for name, image in images.items():
            said = await self.run("docker", "history", "--no-trunc", "--human=false", "--format", "{{json .}}", image)
            found[name] = round(over_base(said) / 1e6, 1)
        return found


def over_base(history: str) -> int:
    """Bytes of the layers above the base, from `docker history`: ours begin with the one that adds the user."""
    rows = [json.loads(line) for line in history.splitlines() if line.strip()]
    first = next((n for n, row in enumerate(rows) if "useradd --uid 10001" in row["CreatedBy"]), None)
    if first is None:
        raise ValueError("this is no image of ours: no layer adds the user")
    return sum(int(row["Size"]) for row in rows[: first + 1])
