"""Whoever follows a procedure of the runbook: its shell, its commands, services stopped and started."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pymongo import MongoClient

from deploy.audit import Record
from deploy.demo import bodies
from deploy.demo.office import OFFICER
from deploy.dev.places import NEWCOMERS, places, write
from deploy.embedded.process import stop_all
from deploy.embedded.stack import SERVICE_GRACE, Stack
from deploy.services import SERVICES
from tests.real.system import System
from tests.support.eventually import eventually
from tests.support.kills import SETTINGS
from tests.support.load import Load
from tests.support.runbook import sections
from tests.support.shell import Said, Shell
from tests.support.terminal import Terminal

PAGE = {it.title: it for it in sections()}
LOOK_EVERY = 0.5
"""Seconds between two calls of `unread` or `ready`: each starts two interpreters."""


def written(title: str, words: str) -> str:
    """The one block of a section that has these words."""
    (block,) = (it for it in PAGE[title].commands if words in it)
    return block


GONE = "was decided and is not on its topic"


def gone(record: Record) -> str:
    """What the auditor says of a record that was there once."""
    return f"{record.topic}/{record.key} #{record.sequence} {GONE}"


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """On a system with a small world in it."""

    system: System
    shell: Shell
    path: str

    @classmethod
    async def beside(cls, system: System, folder: Path, path: str) -> Self:
        """With Kafka's own tools on this PATH."""
        return cls(system, await Shell.beside(system.stack, folder), path)

    @property
    def stack(self) -> Stack:
        return self.system.stack

    @property
    def load(self) -> Load:
        return self.system.load

    @property
    def terminal(self) -> Terminal:
        """`entente`, told what the services are told now."""
        return Terminal.of(self.stack)

    async def __call__(self, block: str, **names: str) -> Said:
        """One block as written, with the names it leaves to its reader."""
        return await self.shell(block, ENTENTE_KAFKA=self.stack.kafka, PATH=self.path, **names)

    async def done(self, block: str, **names: str) -> str:
        """What a block says that must work out."""
        said = await self(block, **names)
        assert said.code == 0, f"{block}\n{said.out}{said.errors}"
        return said.out

    async def silent(self, command: str, *, within: float = 60) -> None:
        """Return when the command prints nothing."""

        async def nothing() -> bool:
            assert await self(command) == Said(0, "", "")
            return True

        await eventually(nothing, within=within, what=f"{command} prints nothing", every=LOOK_EVERY)

    async def at_rest(self) -> None:
        """Return when every consumer has read everything and every service has said everything."""
        await self.silent("unread")
        for service in SERVICES:
            await self.silent(f"show ${service.upper()} 'outbox_depth'")

    async def behind(self) -> set[str]:
        """The services for which `unread` has a line."""
        return {line.partition(".")[0] for line in (await self.done("unread")).splitlines()}

    async def stop(self, *services: str) -> None:
        """Every replica of them, by SIGTERM."""
        assert await stop_all([self.stack.children[name] for name in services], SERVICE_GRACE) == []

    async def start(self, *services: str) -> None:
        """Return when they are ready, told of as many partitions as `told` has said."""
        await asyncio.gather(*(self.stack.restart(name, extra_env=SETTINGS.get(name, {})) for name in services))

    async def told(self, partitions: int) -> None:
        """ENTENTE_KAFKA_PARTITIONS is set, for the terminal at once and for each service with its next start."""
        self.stack.partitions = partitions
        write(self.shell.folder / "build" / "dev.json", await places(self.stack, NEWCOMERS))

    async def parked(self) -> dict[str, dict[str, Any]]:
        """What `entente parked list` has, by group and key."""
        listed = await self.terminal("--json", "parked", "list")
        assert listed.exit_code in (0, 1), listed.output
        return {f"{row['group']} {row['key']}": row for row in json.loads(listed.stdout)["parked"]}

    async def published(self, *requests: str) -> None:
        """Return when registration has published all that it has announced of these requests."""
        with MongoClient[dict[str, Any]](self.stack.mongodb) as client:
            kept = client[self.stack.databases["registration"]]["requests"]
            said = {"_id": {"$in": list(requests)}, "pending_since": {"$gt": 0}}
            await eventually(
                lambda: kept.count_documents(said) == 0, within=30, what=f"{requests} are published", every=0.1
            )

    async def approve(self, request: str) -> None:
        """An officer approves a submitted request."""
        (party,) = (self.load.tally.parties[n] for n, id_ in self.load.tally.requests.items() if id_ == request)
        path, body = f"/requests/{request}/approval", bodies.design(party.example)
        answer = await self.load._api.call(OFFICER, "POST", "registration", path, json=body, key=f"approve {request}")
        assert answer.is_success, answer.text

    def logged(self, service: str, message: str) -> list[str]:
        """The lines of its log with this message."""
        said = re.compile(rf'"message": ?"{re.escape(message)}"')
        return [line for line in self.stack.children[service].log.read_text().splitlines() if said.search(line)]
