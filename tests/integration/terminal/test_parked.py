"""`entente parked`: a spoilt record on a topic is listed, shown, mended, redriven or discarded, and all of it noted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.embedded.stack import Stack
from deploy.terminal.asking import SUBJECT
from tests.support.load import Load
from tests.support.spoilt import spoil
from tests.support.terminal import Terminal

pytestmark = pytest.mark.embedded
GROUPS = {"registration.actions", "registration.timeline-request", "matching.requests", "notifications.requests"}


async def parked_for(terminal: Terminal, request: str) -> dict[str, dict[str, Any]]:
    """The lines of a request, by group."""
    done = await terminal("--json", "parked", "list")
    assert done.exit_code in (0, 1), done.output
    return {row["group"]: row for row in json.loads(done.stdout)["parked"] if row["key"] == request}


async def all_parked(terminal: Terminal, request: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}

    async def everywhere() -> bool:
        found.update(await parked_for(terminal, request))
        return set(found) == GROUPS and all(row["waiting"] == 2 for row in found.values())

    for _ in range(60):
        if await everywhere():
            return found
    raise AssertionError(f"parked by {sorted(found)} alone")


@pytest.mark.timeout(240)
async def test_a_spoilt_event_is_mended_or_discarded_and_its_key_goes_on(
    system: Stack, terminal: Terminal, load: Load, tmp_path: Path
) -> None:
    assert (await terminal.json("parked", "list")) == {"parked": [], "away": []}
    await load.open_world(2)
    request, value = await spoil(system, load)
    found = await all_parked(terminal, request)
    stands = await terminal.json("status", exit_code=1)
    assert {row["group"]: (row["keys"], row["events"]) for row in stands["parked"]} == dict.fromkeys(GROUPS, (1, 2))
    said = await terminal("parked", "list")
    assert said.exit_code == 1
    assert "4 keys parked" in said.stdout

    line = found["registration.timeline-request"]
    id_ = line["id"]
    shown = await terminal.json("parked", "show", id_)
    assert shown["service"] == "registration"
    assert (shown["event"]["payload"], shown["event"]["attempts"]) == ('{"spoilt": ', 1)
    assert shown["event"]["reason"].startswith("malformed")
    assert "blocked by   unreadable" in (await terminal("parked", "show", id_)).stdout

    again = await terminal.json("parked", "redrive", id_, "--reason", "perhaps it works now", exit_code=1)
    assert (again["handled"], again["left"]) == (0, 2)
    mended = tmp_path / "value.json"
    mended.write_text(json.dumps({**json.loads(value), "sequence": 99}))
    code, told = await terminal.refused("parked", "mend", id_, "--file", str(mended), "--reason", "rebuilt")
    assert code == 4
    assert "by them each effect happens once" in told
    mended.write_text(value)
    code, told = await terminal.refused(
        "parked", "mend", id_, "--file", str(mended), "--reason", "rebuilt", "--at", "0/999999"
    )
    assert code == 4
    assert "by now, not by the one at 0/999999" in told
    done = await terminal.json("parked", "mend", id_, "--file", str(mended), "--reason", "rebuilt from its draft")
    assert (done["left"], done["act"]["who"]) == (2, SUBJECT)
    assert "2 handled, 0 left" in (await terminal("parked", "redrive", id_, "--reason", "it is mended")).stdout
    shown = await terminal.json("parked", "show", id_)
    assert shown["event"] is None
    assert [(act["what"], act["reason"], act["came_of"]) for act in shown["acts"]] == [
        ("redrive", "perhaps it works now", "0 handled, 2 left: malformed: bad JSON"),
        ("mend", "rebuilt from its draft", "mended"),
        ("redrive", "it is mended", "2 handled, none left"),
    ]
    assert "free; nothing waits" in (await terminal("parked", "show", id_)).stdout

    for group in sorted(GROUPS - {"registration.timeline-request"}):
        other = found[group]["id"]
        where = f"{found[group]['partition']}/{found[group]['offset']}"
        out = await terminal.json("parked", "discard", other, "--reason", "of no use here", "--at", where)
        assert out["left"] == 1
        done = await terminal.json("parked", "redrive", other, "--reason", "goes on behind it")
        assert (done["handled"], done["left"]) == (1, 0), f"{group}: {done}"
    assert (await terminal.json("parked", "list"))["parked"] == []


async def test_wrong_input_and_unknown_ids_are_one_line(terminal: Terminal, tmp_path: Path) -> None:
    nobody = "parked_" + "0" * 32
    why = ("--reason", "a sample reason")
    for arguments, code, told in (
        (("show", nobody), 4, f"no service has parked anything as {nobody}"),
        (("show", "req_1"), 2, "req_1 is not the id of a parked key"),
        (("redrive", nobody, *why), 4, "no service has parked anything"),
        (("redrive", nobody, "--reason", " x "), 2, "say why in 3 to 500 characters"),
        (("discard", nobody, *why), 4, "no service has parked anything"),
        (("discard", nobody, *why, "--at", "here"), 2, "give PARTITION/OFFSET"),
        (("mend", nobody, *why, "--file", str(tmp_path / "none.json")), 2, "cannot be read: FileNotFoundError"),
    ):
        found, line = await terminal.refused("parked", *arguments)
        assert found == code, line
        assert told in line
    for arguments in (("redrive", nobody), ("discard", nobody), ("mend", nobody, *why)):
        done = await terminal("parked", *arguments)
        assert (done.exit_code, "Missing option" in done.stderr) == (2, True)
