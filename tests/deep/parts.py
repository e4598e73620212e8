"""The parts of `make deep`: what each runs at which volume, and what makes it fail."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.embedded.process import ROOT
from tests.support import kills

PLACE = ROOT / "build" / "deep"
HASH_SEEDS = ("0", "1", "4711", "random")
SHOWN = 50
"""Wrong things said per part."""


class Failed(Exception):
    """A part did not go as promised: what was wrong, and the figures all the same."""

    def __init__(self, wrong: Sequence[str], figures: dict[str, Any]) -> None:
        super().__init__(f"{len(wrong)} wrong: {wrong[0] if wrong else ''}")
        self.wrong = list(wrong[:SHOWN])
        self.figures = figures


@dataclass(frozen=True, slots=True)
class Part:
    """A name, a seed, a volume; `work` returns figures or raises Failed."""

    name: str
    seed: int
    work: Callable[[], Awaitable[dict[str, Any]]]
    volume: dict[str, int] = field(default_factory=dict)


def parts(seed: int) -> list[Part]:
    """All of them, the shortest first; about 25 minutes on two cores."""
    return [
        *(_ranking(seed + n, experts) for n, experts in enumerate((1_000, 5_000, 20_000))),
        *(_properties(seed + n) for n in range(3)),
        _dev_with_data(seed),
        _long(seed),
        *([_primary(seed)] if _servers() == "real" else []),
        *(_kills(kills.Plan(seed=seed + n, kills_per_service=4)) for n in range(3)),
        *(
            _kills(kills.Plan(seed=seed + n, requests=40, kills_per_service=3, whole_cases=12, experts=200))
            for n in range(3)
        ),
    ]


def _kills(plan: kills.Plan) -> Part:
    name = "whole cases under kill -9" if plan.whole_cases else "requests under kill -9"
    volume = {
        "requests": plan.requests,
        "kills_per_service": plan.kills_per_service,
        "whole_cases": plan.whole_cases,
        "experts": plan.experts,
    }

    async def work() -> dict[str, Any]:
        place = PLACE / f"{'cases' if plan.whole_cases else 'kills'}-{plan.seed}"
        shutil.rmtree(place, ignore_errors=True)
        made = await kills.run(plan, place, rest_within=240)
        if made.wrong:
            raise Failed([*made.wrong, f"logs in {place}"], made.figures)
        return made.figures

    return Part(name, plan.seed, work, volume)


def _ranking(seed: int, experts: int) -> Part:
    async def work() -> dict[str, Any]:
        found = []
        for order, hash_seed in enumerate(HASH_SEEDS):
            given = ("--experts", str(experts), "--seed", str(seed), "--order", str(order))
            code, said = await _python("-m", "tests.deep.ranking", *given, PYTHONHASHSEED=hash_seed)
            if code:
                raise Failed([said[-2000:]], {})
            found.append(json.loads(said.splitlines()[-1]))
        figures = {"suitable": found[0]["suitable"], "seconds_per_ranking": [one["seconds"] for one in found]}
        if len({one["digest"] for one in found}) > 1 or not found[0]["suitable"]:
            raise Failed([json.dumps(found)], figures)
        return figures

    return Part("the same ranking in any order and process", seed, work, {"experts": experts, "runs": len(HASH_SEEDS)})


def property_suites() -> list[str]:
    """Every test file that uses hypothesis and is not itself about running other tests."""
    found = sorted(Path(ROOT / "tests").glob("**/test_*.py"))
    return [str(file.relative_to(ROOT)) for file in found if re.search(r"^from hypothesis", file.read_text(), re.M)]


def _properties(seed: int) -> Part:
    suites = property_suites()

    async def work() -> dict[str, Any]:
        options = ("--hypothesis-profile=deep", f"--hypothesis-seed={seed}")
        return await _tests({"suites": len(suites)}, *options, "-o", "timeout=900", *suites)

    return Part("property tests, deep profile", seed, work, {"suites": len(suites)})


def long_folders(servers: str) -> list[str]:
    """Where tests marked `long` lie that these servers can carry."""
    return ["tests/integration", "tests/e2e", *(["tests/real/procedures"] if servers == "real" else [])]


def _servers() -> str:
    """ENTENTE_SERVERS for a part: those of the script that ENTENTE_STACK names, where it is set."""
    return "real" if os.environ.get("ENTENTE_STACK") else "embedded"


def _long(seed: int) -> Part:

    async def work() -> dict[str, Any]:
        servers = _servers()
        return await _tests({"servers": servers}, "-m", "long", *long_folders(servers), ENTENTE_SERVERS=servers)

    return Part("tests marked long", seed, work)


def _primary(seed: int) -> Part:
    """As many requests as while a broker dies; `make test-real` has a third of them."""
    requests = 300

    async def work() -> dict[str, Any]:
        file = "tests/real/cluster/test_primary_killed.py"
        return await _tests({}, file, ENTENTE_SERVERS="real", ENTENTE_REQUESTS=str(requests))

    return Part("the primary of three store members killed under requests", seed, work, {"requests": requests})


def _dev_with_data(seed: int) -> Part:
    async def work() -> dict[str, Any]:
        file = PLACE / "dev.json"
        dev = await _start("-m", "deploy.dev", "--data", "demo", "--to", str(file))
        try:
            said = await _lines_until(dev, "Ctrl-C ends everything")
            found = json.loads(file.read_text())
            held = {role: _claims(token) for role, token in found["tokens"].items()}
            dev.send_signal(signal.SIGINT)
            code = await asyncio.wait_for(dev.wait(), 15)
        finally:
            if dev.returncode is None:
                dev.kill()
        wrong = [] if code == 0 else [f"ended with {code}", *said[-20:]]
        bound = {"institution": "institution_id", "expert": "expert_id"}
        wrong += [f"the {role}'s token is bound to nothing" for role, name in bound.items() if not held[role].get(name)]
        if wrong:
            raise Failed(wrong, {})
        return {"lines_told": len(said)}

    return Part("make dev with the demo's data", seed, work)


def _claims(token: str) -> dict[str, Any]:
    from joserfc.jws import extract_compact

    claims: dict[str, Any] = json.loads(extract_compact(token.encode()).payload)
    return claims


async def _start(*arguments: str, **variables: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def _tests(figures: dict[str, Any], *options: str, **variables: str) -> dict[str, Any]:
    """The figures with the last line of a run of tests. Failed where one fails."""
    code, said = await _python("-m", "pytest", "-q", "-p", "no:cacheprovider", *options, **variables)
    figures = {**figures, "said": said.strip().splitlines()[-1] if said.strip() else ""}
    if code:
        raise Failed([said[-6000:]], figures)
    return figures


async def _python(*arguments: str, **variables: str) -> tuple[int, str]:
    """Exit status and output; it ends with its caller."""
    process = await _start(*arguments, **variables)
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return process.returncode or 0, output.decode(errors="replace")


async def _lines_until(process: asyncio.subprocess.Process, words: str) -> list[str]:
    said: list[str] = []
    assert process.stdout is not None
    async for line in process.stdout:
        said.append(line.decode(errors="replace").rstrip())
        if words in said[-1]:
            return said
    raise Failed([f"ended before it said {words!r}", *said[-20:]], {})
