"""`make defects`: every known defect is planted in a copy of the code, and named tests must fail on it.

python -m tests.defects [--only NAME ...] [--list] [--copies 2] [--real]

Writes build/defects.json. Exit code 1 where a defect is not caught, where one no longer applies to the code, or where
its tests fail without it. `--real`: instead those that only real servers can show, on a cluster of three started by the
script that ENTENTE_STACK names; build/defects-real.json, and exit code 3 where there is none.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.defects.catalogue import DEFECTS, ON_REAL_SERVERS
from tests.defects.defect import Defect, NoLongerApplies, missing_tests, spoiled
from tests.defects.trial import RUN_SECONDS, Copy, Trial, try_out, unspoiled
from tests.support.real_cluster import NoServer, RealCluster, start_script, usual_script

ROOT = Path(__file__).resolve().parents[2]
NO_SERVERS = 3
REAL_RUN_SECONDS = 900
"""Elections and servers that come back take their time: all tests in a row took 150 s on two cores."""
Say = Callable[[str], None]


def say(line: str) -> None:
    """One line for whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def run(
    defects: Sequence[Defect],
    tree: Path,
    report: Path,
    *,
    copies: int = 2,
    say: Say = say,
    run_seconds: float = RUN_SECONDS,
) -> int:
    """Try all of them; the exit code. `copies` run side by side, each in a copy of its own; one run of pytest may take
    `run_seconds`."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="defects-") as place:
        made = [Copy.of(tree, Path(place) / f"copy-{n + 1}", run_seconds) for n in range(copies)]
        say(f"{len(defects)} defects in {copies} copies; first their tests without any")
        wrong = "\n".join(filter(None, _side_by_side(made, _shares(defects, copies), unspoiled)))
        unspoiled_seconds = time.monotonic() - began
        trials: list[Trial] = []
        if wrong:
            say(f"these tests must pass before anything is planted:\n{wrong}")
        else:
            say(f"all pass ({unspoiled_seconds:.0f} s)")
            trials = list(_side_by_side(made, defects, lambda copy, defect: _told(try_out(copy, defect), say)))
    caught = sum(trial.verdict == "caught" for trial in trials)
    seconds = time.monotonic() - began
    told = {
        "ok": not wrong and caught == len(defects),
        "defects": len(defects),
        "caught": caught,
        "seconds": round(seconds, 1),
        "unspoiled": {"ok": not wrong, "seconds": round(unspoiled_seconds, 1), "detail": wrong},
        "trials": [_entry(trial) for trial in trials],
    }
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    say(f"{caught} of {len(defects)} caught in {seconds:.0f} s; {report}")
    return 0 if told["ok"] else 1


def _side_by_side(copies: Sequence[Copy], work: Sequence[Any], do: Callable[[Copy, Any], Any]) -> Iterable[Any]:
    """What `do` gives for each piece of work, in its order; every copy does one at a time."""
    free: queue.SimpleQueue[Copy] = queue.SimpleQueue()
    for copy in copies:
        free.put(copy)

    def in_a_copy(piece: Any) -> Any:
        copy = free.get()
        try:
            return do(copy, piece)
        finally:
            free.put(copy)

    with ThreadPoolExecutor(max_workers=len(copies)) as threads:
        return list(threads.map(in_a_copy, work))


def _shares(defects: Sequence[Defect], copies: int) -> list[list[str]]:
    """The named tests, each once, in shares of about the same number; those of one file stay together."""
    by_file: dict[str, list[str]] = {}
    for test in dict.fromkeys(test for defect in defects for test in defect.tests):
        by_file.setdefault(test.partition("::")[0], []).append(test)
    shares: list[list[str]] = [[] for _ in range(copies)]
    for _, tests in sorted(by_file.items(), key=lambda item: -len(item[1])):
        min(shares, key=len).extend(tests)
    return [share for share in shares if share]


def _told(trial: Trial, say: Say) -> Trial:
    name = trial.defect.name
    if trial.verdict == "caught":
        say(f"  {name}: caught by {trial.caught_by} in {trial.seconds:.1f} s")
    else:
        say(f"  {name}: {trial.verdict.upper()} - {trial.detail}")
    return trial


def _entry(trial: Trial) -> dict[str, Any]:
    defect = trial.defect
    return {
        "name": defect.name,
        "sentence": defect.sentence,
        "files": sorted({change.file for change in defect.changes}),
        "tests": list(defect.tests),
        "verdict": trial.verdict,
        "caught_by": trial.caught_by,
        "seconds": round(trial.seconds, 1),
        "detail": trial.detail,
    }


def show(defects: Sequence[Defect], tree: Path, say: Say = say) -> int:
    """List them, and check that each still applies to the code and that its tests are there; the exit code."""
    gone = 0
    for defect in defects:
        try:
            spoiled(tree, defect)
            if missing := missing_tests(tree, defect):
                raise NoLongerApplies(f"there is no test {', '.join(missing)}")
        except NoLongerApplies as error:
            gone += 1
            say(f"{defect.name}: NO LONGER APPLIES - {error}")
        else:
            say(f"{defect.name}: {defect.sentence}")
    say(f"{len(defects)} defects, {gone} no longer apply")
    return 1 if gone else 0


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.defects", description=__doc__)
    parser.add_argument("--only", action="append", metavar="NAME", help="this defect only; may be repeated")
    parser.add_argument("--list", action="store_true", help="name them and check that they apply; run nothing")
    parser.add_argument("--copies", type=int, default=min(2, os.cpu_count() or 1), help="how many side by side")
    parser.add_argument("--real", action="store_true", help="those that only real servers can show")
    given = parser.parse_args(argv)
    known = ON_REAL_SERVERS if given.real else DEFECTS
    if unknown := set(given.only or ()) - {defect.name for defect in known}:
        parser.error(f"no such defect: {', '.join(sorted(unknown))}")
    chosen = [defect for defect in known if not given.only or defect.name in given.only]
    if given.list:
        return show(chosen, ROOT)
    if given.real:
        return run_on_real_servers(chosen, ROOT / "build" / "defects-real.json")
    return run(chosen, ROOT, ROOT / "build" / "defects.json", copies=max(1, min(given.copies, len(chosen))))


def run_on_real_servers(defects: Sequence[Defect], report: Path) -> int:
    """As `run`, one after another on one cluster of three; the exit code, 3 where there are no servers."""
    try:
        script = start_script() or usual_script()
        if script is None:
            raise NoServer(
                "no servers: set ENTENTE_STACK to a script that starts Kafka and MongoDB as clusters of three"
            )
        with (
            tempfile.TemporaryDirectory(prefix="defects-real-") as place,
            RealCluster(script, Path(place) / "stack", brokers=3, members=3) as cluster,
        ):
            os.environ |= {
                "ENTENTE_STACK": str(script),
                "ENTENTE_CLUSTER": str(cluster.directory),
                "ENTENTE_KAFKA": cluster.kafka,
                "ENTENTE_MONGODB": cluster.mongodb,
            }
            return run(defects, ROOT, report, copies=1, run_seconds=REAL_RUN_SECONDS)
    except NoServer as error:
        say(str(error))
        return NO_SERVERS


if __name__ == "__main__":
    sys.exit(main())
