"""A slice of `make deep` and the promises of its report. The slices of the kills are in tests/e2e/test_kill.py."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from deploy.embedded.process import ROOT
from tests.deep.__main__ import run_all
from tests.deep.parts import Failed, Part, _ranking, long_folders, property_suites


async def test_a_roster_of_300_gives_the_same_bytes_in_any_order_and_process() -> None:
    figures = await _ranking(7, 300).work()
    assert figures["suitable"] > 10


def test_the_property_suites_are_found_by_themselves() -> None:
    suites = property_suites()
    assert "tests/unit/matching/test_position_machine.py" in suites
    assert "tests/integration/store/test_interleavings.py" in suites


def test_every_test_marked_long_lies_where_they_are_looked_for() -> None:
    marked = "pytest.mark." + "long"
    found = [str(file.relative_to(ROOT)) for file in ROOT.glob("tests/**/test_*.py") if marked in file.read_text()]
    assert any(file.startswith("tests/real/procedures/") for file in found)
    assert [file for file in found if not file.startswith(tuple(long_folders("real")))] == []
    assert [file for file in long_folders("embedded") if file.startswith("tests/real")] == []


async def test_a_failed_part_is_reported_with_its_figures_and_the_others_are_run(tmp_path: Path) -> None:
    async def good() -> dict[str, Any]:
        return {"done": 1}

    async def wrong() -> dict[str, Any]:
        raise Failed(["one was lost"], {"lost": 1})

    async def broken() -> dict[str, Any]:
        raise ExceptionGroup("several", [ValueError("planted")])

    wanted = [Part("wrong", 1, wrong, {"requests": 3}), Part("broken", 2, broken), Part("good", 3, good)]
    assert await run_all(wanted, 1, 1, tmp_path / "deep.json") == 1
    first, second, third = json.loads((tmp_path / "deep.json").read_text())["parts"]
    assert (first["part"], first["seed"], first["volume"], first["ok"]) == ("wrong", 1, {"requests": 3}, False)
    assert (first["figures"], first["wrong"]) == ({"lost": 1}, ["one was lost"])
    assert (second["ok"], second["wrong"]) == (False, ["ValueError: planted"])
    assert (third["ok"], third["figures"]) == (True, {"done": 1})


async def test_parts_without_time_are_said_to_be_not_run(tmp_path: Path) -> None:
    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    wanted = [Part("long", 1, never), Part("later", 2, never)]
    assert await run_all(wanted, 1, 0.501, tmp_path / "deep.json") == 1
    first, second = json.loads((tmp_path / "deep.json").read_text())["parts"]
    assert (first["ok"], second["ok"]) == (False, None)
