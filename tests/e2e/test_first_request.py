"""docs/first-request.md as written: its calls, block after block in one shell, lead to a complete answer."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from deploy.demo import bodies
from deploy.demo.interfaces import Interfaces
from deploy.demo.office import Case, enter_roster, open_office
from deploy.demo.telling import Teller
from deploy.embedded.stack import Stack
from tests.support.runbook import FIRST_REQUEST, sections
from tests.support.shell import Shell, missing

pytestmark = [
    pytest.mark.embedded,
    pytest.mark.stand_ins,  # about words and commands, as the runbook's
    pytest.mark.timeout(180),
    pytest.mark.skipif(bool(missing()), reason=f"no {', '.join(missing())} here: the page's commands were not run"),
]
THEMES = {"D07", "B08"}
"""What the page asks for; the roster here is of experts who know one of them, for a quick start."""


async def test_every_call_of_the_page_succeeds_and_the_institution_reads_a_complete_team(
    stack: Stack, tmp_path: Path
) -> None:
    await _office_and_roster(stack)
    prepare, *blocks = [block for section in sections(FIRST_REQUEST) for block in section.commands]
    shell = await Shell.beside(stack, tmp_path, prepare)
    said = await shell("\n".join(("set -e", *blocks)))
    assert (said.code, said.errors) == (0, ""), said.out + said.errors
    expert = r"exp_\w+"
    for line in (
        r"eligible", r"REQ-\d{4}-\d{4} submitted", r"approved", r"\d{4}-\d\d final",
        rf"[1-9]\d* are suitable; first is {expert} with [1-9]\d*\.\d+ of 100 points",
        r"shortlisted \S+", r"accepted", expert, r"\d{4}-\d\d-\d\d The team is complete: one expert\.",
        r"institution\.verified \| .+", r"request\.submitted \| .+",
    ):  # fmt: skip
        assert re.search(f"^{line}$", said.out, flags=re.MULTILINE), f"{line} not in\n{said.out}"
    could, of = map(int, re.findall(r"^(\d+) of (\d+) experts could do it$", said.out, flags=re.MULTILINE)[0])
    assert 0 < could < of


async def _office_and_roster(stack: Stack) -> None:
    today = datetime.now(UTC).date()
    samples = [it for it in bodies.sample_experts() if THEMES & {theme["code"] for theme in it["themes"]}]
    quiet = Teller(Console(quiet=True))
    api = Interfaces(stack.urls, stack.issuer)
    try:
        office = await open_office(api, quiet, [Case(example) for example in bodies.cases(today)])
        await enter_roster(api, quiet, office, today, samples)
    finally:
        await api.close()
