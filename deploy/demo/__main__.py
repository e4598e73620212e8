"""`make demo`: the embedded stack, three services, three cases from request to complete team; then the audit.

    python -m deploy.demo [--at FILE] [--report FILE]

With `--at`, a file like build/dev.json, the story is told on the empty system it names, and nothing is started.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from deploy.audit import audit, gather
from deploy.demo import bodies, report
from deploy.demo.expected import differences, expected, unannounced
from deploy.demo.following import Follower
from deploy.demo.interfaces import Interfaces, Unexpected, until
from deploy.demo.office import Case, Office, enter_employers, enter_roster, open_office, register_institution
from deploy.demo.receipts import receipts
from deploy.demo.stage import Given, Stage
from deploy.demo.story import Outcome, consider, fill, finalise, submit
from deploy.demo.telling import Teller
from deploy.embedded.alone import Occupied, alone
from deploy.embedded.process import ROOT, ChildError
from deploy.embedded.stack import Stack
from shared.contracts.topics import TOPICS

OFFER_RESPONSE = "12 seconds"
"""Time to answer an offer in the demo: a real deadline, short by setting."""

PATIENCE = 30.0
"""Seconds for which a caller repeats what was answered 503: a stage given to us may be slow, or be in an election."""

QUIET = ("contact.recorded", "expert.submitted", "expert.activated", "availability.declared")
"""Events the roster brings by the hundred; they are counted, not told one by one."""


class Witness:
    """Sees every event and mail, tells those that belong to the story, and keeps all."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.events: dict[str, dict[str, Any]] = {}
        self.mails: list[dict[str, Any]] = []

    def event(self, event: dict[str, Any]) -> None:
        """An event appeared on its topic."""
        if event["event_id"] in self.events:
            return
        self.events[event["event_id"]] = event
        if event["type"] not in QUIET:
            self.teller.followed(f"{event['type']} {_about(event)}".rstrip())

    def mail(self, mail: dict[str, Any]) -> None:
        """A mail arrived."""
        self.mails.append(mail)
        if mail["type"] != "expert_activated":
            self.teller.told(mail["to"], mail["subject"])


def _about(event: dict[str, Any]) -> str:
    data = event["data"]
    said = [data.get("reference") or data.get("action_code") or data.get("code") or "", data.get("stage", "")]
    if event["type"].startswith("institution."):
        said.append(next(iter(data["name"].values())))
    if event["type"].startswith("availability."):
        said.append(f"{data['window']['first_day']} to {data['window']['last_day']}")
    if "number" in data:
        said.append(f"position {data['number']}")
    if "percent" in data:
        said.append(f"{data['percent']} % of the time")
    if "suitable" in data:
        said.append(f"{data['suitable']} suitable")
    return ", ".join(part for part in said if part)


async def play(stack: Stage, teller: Teller, today: date) -> tuple[dict[str, Any], list[str]]:
    """The whole story on a running stack: the report, and what is wrong (nothing)."""
    cases = [Case(example) for example in bodies.cases(today)]
    outcome = Outcome()
    witness = Witness(teller)
    api = Interfaces(stack.urls, stack.issuer, patience=PATIENCE)
    teller.begin()
    try:
        async with Follower(stack.kafka.split(","), stack.mail_directory, witness.event, witness.mail):
            office = await act(api, teller, cases, outcome, today)
            teller.chapter("Is everybody told?")
            with contextlib.suppress(Unexpected):  # who was not told is among the differences
                await until(lambda: _settled(api, witness, cases, office), "every notice delivered", within=60)
            told = await report.deliveries(api)
            teller.note(report.notices(report.channels(told)))
            with contextlib.suppress(Unexpected):  # what is still missing then is in the findings
                await until(lambda: _audited(stack), "every event taken in everywhere", within=60)
        databases = stack.databases
        evidence = await gather(stack.kafka.split(","), stack.mongodb, databases, stack.mail_directory)
        findings = audit(evidence)
        if api.repeated:
            teller.note(f"{api.repeated} calls found something away and were repeated, with the same key")
        waited, unanswered = receipts(cases, witness.events, witness.mails)
        wrong = unanswered + unannounced(witness.events.values())
        wrong += differences(expected(witness.events.values(), cases, office), told)
        seconds = teller.seconds
        await report.tables(api, teller, cases, outcome, office)
        figures = report.figures(cases, len(office.experts), outcome, findings, told, waited, seconds)
        wrong += [f"{kind}: {said}" for kind, all_ in findings.as_json().get("findings", {}).items() for said in all_]
        return figures, wrong
    finally:
        await api.close()


async def act(api: Interfaces, teller: Teller, cases: list[Case], outcome: Outcome, today: date) -> Office:
    """Everything people do, through the public interfaces."""
    teller.chapter("The facility opens")
    office = await open_office(api, teller, cases)
    teller.chapter("A roster of sample experts, and employers of some")
    await enter_employers(api, teller, office)
    await enter_roster(api, teller, office, today)
    # last: of an institution verified before notifications knew its delegation the desk would be told instead
    teller.chapter("Three institutions register and ask for help")
    for case in cases:
        await register_institution(api, teller, case)
    for case in cases:
        await submit(api, teller, case)
    teller.chapter("The officer considers")
    for case in cases:
        await consider(api, teller, case, office)
    teller.chapter("Terms of reference become final")
    for case in cases:
        await finalise(api, teller, case)
    teller.chapter("Lists, offers, answers")
    await asyncio.gather(*(fill(api, teller, case, outcome, office) for case in cases))
    return office


async def _settled(api: Interfaces, witness: Witness, cases: list[Case], office: Office) -> Any:
    """All deliveries, once nothing that is expected is missing and nothing is on its way."""
    deliveries = await report.deliveries(api)
    states = {d["state"] for d in deliveries}
    missing = [d for d in differences(expected(witness.events.values(), cases, office), deliveries) if "not told" in d]
    return deliveries if not missing and not states & {"waiting", "queued"} else None


async def _audited(stack: Stage) -> bool:
    """Whether the auditor has nothing pending any more; what it then says is final."""
    evidence = await gather(stack.kafka.split(","), stack.mongodb, stack.databases, stack.mail_directory)
    found = audit(evidence)
    return not found.pending and not found.lost


async def run(report_file: Path) -> int:
    """Set the stage, play, report. 0 when all is as it should be."""
    teller = Teller()
    teller.say(("Entente", "bold"), ": one facility, three services, three real actions rebuilt as samples.")
    teller.say("Stage: an embedded broker and store (from wheels), a mail catcher, a development issuer.")
    started = asyncio.get_running_loop().time()
    short = {"matching": {"ENTENTE_OFFER_RESPONSE": OFFER_RESPONSE}}
    place = ROOT / "build" / "demo"
    stack = Stack(
        TOPICS,
        extra_env=short,
        directory=place,
        logs=place / "logs",
        progress=lambda name, state: teller.note(f"{name}: {state}"),
    )
    try:
        with alone(place):
            async with stack:
                teller.note(f"ready after {asyncio.get_running_loop().time() - started:.1f} s")
                figures, wrong = await play(stack, teller, datetime.now(UTC).date())
            return _close(teller, figures, wrong, report_file, stack)
    except Occupied as other:
        teller.say(f"make demo already runs here (pid {other.process}): wait for it, or stop it with Ctrl-C.")
        return 1
    except (ChildError, Unexpected) as error:
        return _stopped(teller, error)


async def run_at(place: Path, report_file: Path) -> int:
    """The same on a system that is up and empty, named in a file; offers must lapse within seconds there."""
    teller = Teller()
    try:
        given = Given.read(place, copies=report_file.with_name(f"{report_file.stem}-mail"))
        await given.must_be_empty()
        async with given:
            figures, wrong = await play(given, teller, datetime.now(UTC).date())
    except (httpx.TransportError, Unexpected) as error:
        return _stopped(teller, error)
    return _close(teller, figures, wrong, report_file, given)


def _stopped(teller: Teller, error: Exception) -> int:
    teller.say()
    teller.say(("The story stopped:", "bold red"))
    teller.quote(f"{type(error).__name__}: {error}")
    return 1


def _close(teller: Teller, figures: dict[str, Any], wrong: list[str], report_file: Path, stage: Stage) -> int:
    """Write and tell the figures. 1 where anything is wrong."""
    report.write(report_file, figures)
    teller.say()
    for name, value in report.closing(figures):
        teller.say(f"  {name:20} {value}")
    places = [_shown(report_file), _shown(stage.mail_directory)]
    teller.say()
    teller.say(f"Written to {places[0]}; mails lie in {places[1]}/*.eml")
    for line in wrong[:40]:
        teller.say(("wrong:", "bold red"), f" {line}")
    return 1 if wrong else 0


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def main() -> None:
    """Run until the end of the story or Ctrl-C; either way no process is left."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo", description=__doc__.split("\n")[0])
    parser.add_argument("--at", type=Path, metavar="FILE", help="a file like build/dev.json: tell the story there")
    parser.add_argument("--report", type=Path, default=ROOT / "build" / "demo-report.json", help="where figures go")
    arguments = parser.parse_args()
    at, file = arguments.at, arguments.report.resolve()
    file.unlink(missing_ok=True)
    try:
        code = asyncio.run(run_at(at, file) if at else run(file))
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped; all processes ended\n")
        code = 130
    raise SystemExit(code)


if __name__ == "__main__":
    main()
