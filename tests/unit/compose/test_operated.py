"""What an operator does in the smoke is seen to have done something: a mend mends, a restore tells what is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.compose.operated import mended, restored


class Docker:
    """A project of which a kill takes away the replica, unless something starts it again at once."""

    place = Path()

    def __init__(self, *, again_by_itself: bool = False, mend_works: bool = True) -> None:
        self.up = ["replica_1", "replica_2"]
        self.again_by_itself, self.mend_works = again_by_itself, mend_works

    async def containers(self, service: str) -> list[str]:
        return list(self.up)

    async def run(self, *command: str, folder: Path | None = None) -> str:
        if command[:2] == ("docker", "kill") and not self.again_by_itself:
            self.up.remove(command[2])
        if "--no-recreate" in command[-1] and self.mend_works:
            self.up = ["replica_1", "replica_2"]
        return ""


@pytest.mark.parametrize(
    ("docker", "wrong"),
    [
        (Docker(), []),
        (Docker(mend_works=False), ["['replica_2'] of matching run instead of ['replica_1', 'replica_2']"]),
        (Docker(again_by_itself=True), ["replica_1 of matching was killed and is not down"]),
    ],
)
async def test_a_replica_was_down_and_is_up_again(docker: Any, wrong: list[str]) -> None:
    assert await mended(docker, "matching") == wrong


class Registration:
    """Members of staff before a backup, and those that a restore leaves."""

    def __init__(self, *, after: set[str]) -> None:
        self.told = [{"per_1", "per_2"}, after]

    async def ask(self, *call: Any, **more: Any) -> dict[str, str]:
        return {"id": "per_later"}

    async def all_of(self, *call: Any) -> list[dict[str, str]]:
        return [{"id": id_} for id_ in self.told.pop(0)]


class Restoring(Docker):
    """A project whose terminal says this while it restores."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said

    async def run(self, *command: str, folder: Path | None = None) -> str:
        return self.said

    async def compose(self, *arguments: str) -> str:
        return ""


TWICE = "1 command lost since: per_later\n1 command lost since: per_later\n"
NOT_LISTED = "what was asked for after the backup was not listed as lost, before the restore and by it"


@pytest.mark.parametrize(
    ("said", "after", "wrong"),
    [
        (TWICE, {"per_1", "per_2"}, []),
        ("1 command lost since: per_later\n", {"per_1", "per_2"}, [NOT_LISTED]),
        (TWICE, {"per_1"}, ["2 members of staff when it was backed up, 1 behind the restore"]),
        (
            TWICE,
            {"per_1", "per_2", "per_later"},
            ["per_later was entered after the backup, and is there behind the restore"],
        ),
    ],
)
async def test_what_came_after_the_backup_is_lost_and_listed_and_nothing_else(
    said: str, after: set[str], wrong: list[str]
) -> None:
    project: Any = Restoring(said)
    api: Any = Registration(after=after)
    assert await restored(project, api, "registration-1.backup") == wrong
