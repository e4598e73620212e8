"""`make deep`: the large volumes, from one seed, at most an hour; build/deep.json.

    python -m tests.deep [--seed S] [--minutes M] [--only WORDS]

Each part reports {part, seed, volume, ok, seconds, figures} and, where it failed, what was wrong. A part for which no
time was left has `ok` null. Exit status 1 when a part failed, 2 when none failed and not all were run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import platform
import secrets
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.embedded.process import ROOT
from tests.deep.parts import Failed, Part, parts
from tests.support.errors import in_words

REPORT = ROOT / "build" / "deep.json"
MOST_MINUTES = 60
SPARE_SECONDS = 30
"""For stopping what runs when the time is over."""


async def run_part(part: Part, seconds: float) -> dict[str, Any]:
    """One line of the report. Never raises but when cancelled."""
    line: dict[str, Any] = {"part": part.name, "seed": part.seed, "volume": part.volume, "ok": None}
    if seconds <= 0:
        return {**line, "seconds": 0.0, "figures": {}, "wrong": ["no time was left"]}
    began = time.monotonic()
    wrong: list[str] = []
    figures: dict[str, Any] = {}
    try:
        async with asyncio.timeout(seconds):
            figures = await part.work()
    except Failed as error:
        wrong, figures = error.wrong, error.figures
    except TimeoutError:
        wrong = [f"not done within the {seconds:.0f} s that were left"]
    except Exception as error:  # noqa: BLE001 - whatever it is, the other parts are run and the report is written
        wrong = in_words(error, 4000)
    line |= {"ok": not wrong, "seconds": round(time.monotonic() - began, 1), "figures": figures}
    return {**line, "wrong": wrong} if wrong else line


async def run_all(wanted: Sequence[Part], seed: int, minutes: float, report: Path) -> int:
    """Run the parts one after another, write the report after each, say how it went; the exit status."""
    deadline = time.monotonic() + minutes * 60 - SPARE_SECONDS
    lines: list[dict[str, Any]] = []
    for part in wanted:
        line = await run_part(part, deadline - time.monotonic())
        lines.append(line)
        _write(report, {"seed": seed, "python": platform.python_version(), "parts": lines})
        word = {True: "ok", False: "FAILED", None: "not run"}[line["ok"]]
        sys.stdout.write(f"{word:8} {line['seconds']:7.1f} s  {part.name}, seed {part.seed} {part.volume}\n")
        for wrong in line.get("wrong", [])[:5]:
            sys.stdout.write(f"         {wrong[-1500:]}\n")
        sys.stdout.flush()
    if any(line["ok"] is False for line in lines):
        return 1
    return 2 if any(line["ok"] is None for line in lines) else 0


def _write(report: Path, content: dict[str, Any]) -> None:
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(content, indent=2) + "\n")


def main() -> None:
    """Run until done, out of time, or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m tests.deep", description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=None, help="a fresh one when left out; printed and in the report")
    parser.add_argument("--minutes", type=float, default=MOST_MINUTES, help=f"at most {MOST_MINUTES}")
    parser.add_argument("--only", default="", help="only parts whose name contains these words")
    given = parser.parse_args()
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    sys.stdout.write(f"seed {seed}\n")
    wanted = [part for part in parts(seed) if given.only in part.name]
    raise SystemExit(asyncio.run(run_all(wanted, seed, min(given.minutes, MOST_MINUTES), REPORT)))


if __name__ == "__main__":
    main()
