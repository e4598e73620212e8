"""What a restore says of what is lost, and why it refuses topics that are not those of its backup."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import Result

from deploy.terminal.backups import offsets, restoring
from deploy.terminal.backups.file import FORMAT, Head, Whole
from deploy.terminal.backups.restoring import Restored
from deploy.terminal.backups.since import Beyond
from deploy.terminal.failing import Failed
from tests.support.terminal import entente

SETTINGS = {"ENTENTE_KAFKA": "kafka:9092", "ENTENTE_MONGODB": "mongodb://db"}


def looked_at(
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    ends: dict[str, list[int]],
    *options: str,
    newer: dict[str, str] | None = None,
) -> Result:
    head = Head(format=FORMAT, service=service, database=service, taken_at="", groups={}, ends=ends, announces=[])
    found = Restored(Whole(head=head, counts={}, sha256="0"), service, 0, 0, 0, None, Beyond(), newer or {})

    async def looked(*_: Any, **__: Any) -> Restored:
        return found

    monkeypatch.setattr(restoring, "restore", looked)
    return entente(*options, "restore", "sample.backup", "--look", **SETTINGS)


def test_of_a_service_that_announces_nothing_no_loss_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    said = looked_at(monkeypatch, "notifications", {}).stdout
    assert "no command lost" not in said
    assert "notifications announces nothing: what was asked of it since is lost, and nothing tells what" in said
    assert "is consumed again, and what it tells is told again" in said
    told = json.loads(looked_at(monkeypatch, "notifications", {}, "--json").stdout)
    assert (told["lost"], told["followed"]) == (None, None)


def test_of_a_service_that_announces_the_topics_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no command lost since" in looked_at(monkeypatch, "matching", {"matching.teams": [0]}).stdout
    told = json.loads(looked_at(monkeypatch, "matching", {"matching.teams": [0]}, "--json").stdout)
    assert (told["lost"], told["followed"]) == ([], [])


def test_a_group_that_the_backup_does_not_know_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    newer = {"notifications.contacts": "registration.contacts", "notifications.teams": "matching.teams"}
    said = looked_at(monkeypatch, "notifications", {}, newer=newer).stdout.splitlines()
    assert "notifications.contacts is unknown to the backup: it reads registration.contacts from the beginning" in said
    (telling,) = [line for line in said if line.startswith("notifications.teams is unknown")]
    assert telling.endswith("reads matching.teams from the beginning, and tells people again of all that stands there")
    told = json.loads(looked_at(monkeypatch, "notifications", {}, "--json", newer=newer).stdout)
    assert told["from_the_beginning"] == newer


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ([9, 9, 0, 0], r"matching.teams has 4 partitions, in this backup 2: .* take a backup made since"),
        ([7, 3], r"matching.teams ends at \[7, 3\], before \[7, 4\] .*its records were lost or .*runbook"),
    ],
)
async def test_a_topic_that_is_not_the_one_of_the_backup_is_refused_with_the_reason(
    ends: list[int], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ends_now(*_: Any) -> dict[str, list[int]]:
        return {"matching.teams": ends}

    monkeypatch.setattr(offsets, "ends_of", ends_now)
    with pytest.raises(Failed, match=told):
        await offsets.check_places(["kafka:9092"], {"notifications.teams": {"matching.teams": [7, 4]}}, {})
