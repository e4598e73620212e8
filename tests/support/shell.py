"""A page's shell, prepared as its first section says, in a folder that looks like a clone with `make dev` up."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from deploy.dev.places import NEWCOMERS, places, write
from deploy.embedded.stack import Stack
from tests.support.runbook import PREPARED

NEEDED = ("bash", "curl", "awk", "grep", "tail", "python3")
WITHIN = 60.0
"""Seconds one block may take."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a block came to."""

    code: int
    out: str
    errors: str


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs blocks as written."""

    folder: Path
    prepared: str

    @classmethod
    async def beside(cls, stack: Stack, folder: Path, prepared: str = PREPARED) -> Self:
        """With the addresses, tokens and logs of this system; prepared as the runbook says where not told otherwise."""
        write(folder / "build" / "dev.json", await places(stack, NEWCOMERS))
        (folder / "build" / "dev").mkdir(exist_ok=True)
        (folder / "build" / "dev" / "logs").symlink_to(stack.children["matching"].log.parent)
        (folder / ".venv").symlink_to(sys.prefix)
        return cls(folder, prepared)

    async def __call__(self, block: str, **names: str) -> Said:
        """One block, with the names it leaves to its reader."""
        given = "".join(f"{name}={value}\n" for name, value in names.items())
        process = await asyncio.create_subprocess_exec(
            "bash", "-uc", f"{self.prepared}\n{given}{block}",
            cwd=self.folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            out, errors = await asyncio.wait_for(process.communicate(), WITHIN)
        except TimeoutError:
            process.kill()
            raise
        return Said(await process.wait(), out.decode(), errors.decode())


def missing() -> list[str]:
    """Programs the pages take for granted and this machine lacks."""
    return [name for name in NEEDED if shutil.which(name) is None]
