"""Consumer groups that came with an upgrade after the backup: where a restore puts them, and when it refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from deploy.audit.expectations import GROUPS
from deploy.terminal.backups import restoring
from deploy.terminal.backups.file import FORMAT, Head, Whole
from deploy.terminal.backups.newer import newer_groups
from deploy.terminal.backups.restoring import Restored
from deploy.terminal.backups.since import Beyond
from deploy.terminal.failing import Exit, Failed
from deploy.terminal.settings import TerminalSettings

SETTINGS = TerminalSettings(kafka=["kafka:9092"], mongodb="mongodb://127.0.0.1:9")


def older(*lacks: str) -> Head:
    """The head of a backup that knows all groups of the service but these, each at offset 7 of its one partition."""
    service = lacks[0].partition(".")[0]
    groups = {g: {t: [7]} for g, t in GROUPS.items() if g.startswith(f"{service}.") and g not in lacks}
    return Head(format=FORMAT, service=service, database=service, taken_at="", groups=groups, ends={}, announces=[])


def test_a_backup_that_knows_all_groups_of_its_service_has_none_newer() -> None:
    assert newer_groups(older("matching.no-such-group")) == {}
    with pytest.raises(Failed, match="no group that tells people") as wrong:
        newer_groups(older("notifications.no-such-group"), ["notifications.teams"])
    assert wrong.value.code is Exit.USAGE


def test_a_group_that_tells_nobody_is_taken_without_a_word() -> None:
    assert newer_groups(older("notifications.contacts")) == {"notifications.contacts": "registration.contacts"}


def test_a_group_that_would_mail_again_is_refused_until_it_is_named() -> None:
    head = older("notifications.contacts", "notifications.teams", "notifications.searches")
    with pytest.raises(Failed, match=r"older than notifications\.searches, which would mail people again") as refused:
        newer_groups(head, ["notifications.teams"])
    assert refused.value.code is Exit.REFUSED
    assert "--tell-again notifications.searches --tell-again notifications.teams" in str(refused.value)
    assert len(newer_groups(head, ["notifications.teams", "notifications.searches"])) == 3


async def test_it_reads_its_topic_from_the_beginning_but_for_what_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of the service's own topics: there it passes over what was lost, as the groups do that the backup knows."""
    head, put, passing = older("matching.roster", "matching.follow-up"), dict[str, Any](), list[str]()

    async def began(_: Any, topics: Sequence[str]) -> dict[str, list[int]]:
        return {topic: [2] for topic in topics}

    async def put_back(_: Any, group: str, offsets: Mapping[str, Sequence[int]]) -> None:
        put[group] = offsets

    async def beyond(*_: Any) -> Beyond:
        return Beyond()

    async def nothing(*_: Any) -> None: ...

    async def written(_: Any, __: Path, whole: Whole, beyond: Beyond, groups: Any, *, verify: bool) -> Restored:
        passing.extend(groups)
        return Restored(whole, "matching", 0, 0, 0, int(verify), beyond)

    monkeypatch.setattr(restoring, "check", lambda _: Whole(head=head, counts={}, sha256="0"))
    monkeypatch.setattr(restoring, "documents_of", lambda _: [])
    for name in ("_stopped", "_emptied", "check_own", "check_places"):
        monkeypatch.setattr(restoring, name, nothing)
    fakes = {"beginnings_of": began, "put_back": put_back, "read_beyond": beyond, "_written": written}
    for name, fake in fakes.items():
        monkeypatch.setattr(restoring, name, fake)
    done = await restoring.restore(SETTINGS, Path("older.backup"), None, verify=True, look_only=False)
    assert done.newer == {"matching.roster": "registration.experts", "matching.follow-up": "matching.positions"}
    assert put == {
        **head.groups,
        "matching.roster": {"registration.experts": [2]},
        "matching.follow-up": {"matching.positions": [2]},
    }
    assert set(passing) == put.keys()
