"""Into which database a backup goes: the one it was taken of, or one that is named on purpose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from deploy.services import DATABASES
from deploy.terminal.backups import restoring
from deploy.terminal.backups.file import FORMAT, Head, Whole
from deploy.terminal.backups.restoring import Restored
from deploy.terminal.backups.since import Beyond
from deploy.terminal.failing import Exit, Failed
from deploy.terminal.settings import TerminalSettings

SETTINGS = TerminalSettings(kafka=["kafka:9092"], mongodb="mongodb://127.0.0.1:9")
OURS = DATABASES["registration"]


async def restored(monkeypatch: pytest.MonkeyPatch, database: str, into: str | None, *, look_only: bool = False) -> str:
    """The database that a backup of `database` is restored into."""
    head = Head(format=FORMAT, service="registration", database=database, taken_at="", groups={}, ends={}, announces=[])

    async def beyond(*_: Any) -> Beyond:
        return Beyond()

    async def nothing(*_: Any) -> None: ...

    async def written(target: Any, _: Path, whole: Whole, beyond: Beyond, __: Any, **___: Any) -> Restored:
        return Restored(whole, target.name, 0, 0, 0, None, beyond)

    monkeypatch.setattr(restoring, "check", lambda _: Whole(head=head, counts={}, sha256="0"))
    monkeypatch.setattr(restoring, "documents_of", lambda _: [])
    monkeypatch.setattr(restoring, "newer_groups", lambda *_: {})
    monkeypatch.setattr(restoring, "read_beyond", beyond)
    monkeypatch.setattr(restoring, "_written", written)
    for name in ("_stopped", "_emptied", "check_own", "check_places"):
        monkeypatch.setattr(restoring, name, nothing)
    done = await restoring.restore(SETTINGS, Path("sample.backup"), into, verify=False, look_only=look_only)
    return done.database


@pytest.mark.parametrize("look_only", [True, False])
async def test_a_backup_of_another_database_is_a_wrong_call(look_only: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failed, match=f"of the database reg_live, and ENTENTE_DATABASES names {OURS} for") as wrong:
        await restored(monkeypatch, "reg_live", None, look_only=look_only)
    assert wrong.value.code is Exit.USAGE
    assert f"--into {OURS}" in str(wrong.value)


@pytest.mark.parametrize(
    ("database", "into", "where"), [(OURS, None, OURS), (OURS, "sample", "sample"), ("reg_live", OURS, OURS)]
)
@pytest.mark.parametrize("look_only", [True, False])
async def test_it_goes_where_it_came_from_or_where_it_is_sent(
    database: str, into: str | None, where: str, look_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await restored(monkeypatch, database, into, look_only=look_only) == where
