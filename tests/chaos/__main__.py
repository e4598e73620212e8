"""`make chaos`: whole cases on a real cluster of three while services and servers are killed with -9.

python -m tests.chaos [--seed N] [--kills 80] [--requests 40] [--report build/chaos.json] | --total REPORT ...

Exit code 0: nothing lost, doubled or out of order, and all of the plan was done. 1: no pass, the report says why.
3: there is no start script for the servers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.embedded.process import ROOT
from tests.chaos.judging import total
from tests.chaos.plan import Plan
from tests.chaos.run import run
from tests.support.real_cluster import NoServer, RealCluster, start_script, usual_script

NO_SCRIPT = 3


def say(line: str) -> None:
    """One line for whoever watches."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(argv: Sequence[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--kills", type=int, default=80, help="kills of services; one of a server for every nine")
    parser.add_argument("--requests", type=int, default=40, help="whole cases")
    parser.add_argument("--report", type=Path, default=ROOT / "build" / "chaos.json")
    parser.add_argument("--total", type=Path, nargs="+", metavar="REPORT", help="add up earlier runs; starts nothing")
    given = parser.parse_args(argv)
    if given.total:
        sums, lacks = total(json.loads(path.read_text("utf-8")) for path in given.total)
        say(json.dumps({**sums, "lacks": lacks}, indent=1))
        return 1 if lacks else 0
    if given.requests < 1 or given.kills < 0:
        parser.error("at least one request, and no fewer than no kills")
    seed = secrets.randbelow(1_000_000) if given.seed is None else given.seed
    return _run(Plan(seed, requests=given.requests, kills=given.kills), given.report)


def _run(plan: Plan, place: Path) -> int:
    try:
        script = start_script() or usual_script()
    except NoServer as error:
        say(str(error))
        return NO_SCRIPT
    if script is None:
        say("no servers: set ENTENTE_STACK to a script that starts Kafka and MongoDB as clusters of three")
        return NO_SCRIPT
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = Path(tempfile.mkdtemp(prefix=f"chaos-{plan.seed}-", dir=place.parent))
    replay = f"make chaos SEED={plan.seed} KILLS={plan.kills} REQUESTS={plan.requests}"
    say(f"{replay}; logs in {kept}")
    try:
        with RealCluster(script, kept / "servers", brokers=3, members=3) as cluster:
            report = asyncio.run(run(plan, cluster, kept, say))
    except NoServer as error:
        say(str(error))
        return NO_SCRIPT
    report["replay"] = replay
    place.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    say(json.dumps({key: report[key] for key in ("seed", "cases", "kills", "faults", "seconds")}))
    for why in report["why_no_pass"]:
        say(f"NO PASS: {why}")
    say(f"{'pass' if report['ok'] else 'no pass'}: {place}")
    return 0 if report["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
