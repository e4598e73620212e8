"""`make dev`: start the embedded stack and stay up until Ctrl-C.

    python -m deploy.dev [--data demo] [--to FILE]

Writes build/dev.json (addresses, tokens) once everything is ready, and removes it at the end: where it is, a stack is
up. With `--data demo` the demo's three cases are played first. Logs and mail lie in build/dev, apart from the demo's;
the data is thrown away at the end. One at a time: a second one says which process runs, and touches nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from deploy.demo import bodies
from deploy.demo.__main__ import OFFER_RESPONSE, act
from deploy.demo.interfaces import Interfaces, Unexpected
from deploy.demo.office import Case, Office
from deploy.demo.story import Outcome
from deploy.demo.telling import Teller
from deploy.dev.places import NEWCOMERS, Subject, curl, places, write
from deploy.embedded.alone import Occupied, alone
from deploy.embedded.process import ROOT, ChildError
from deploy.embedded.stack import SERVICES, Stack
from shared.contracts.topics import TOPICS

CALM = {"ENTENTE_KAFKA_FETCH_MAX_WAIT_MS": "200"}
"""The stand-in broker answers an empty fetch only after its full wait: a system that mostly waits asks less often."""


async def stay(file: Path, *, demo: bool) -> int:
    """Start, fill, write `file`, stay. Returns 1 when a part of the stack ends by itself; else runs until cancelled."""
    teller = Teller()
    settings = {service.name: dict(CALM) for service in SERVICES}
    if demo:
        settings["matching"]["ENTENTE_OFFER_RESPONSE"] = OFFER_RESPONSE
    directory = place_of(file)
    stack = Stack(
        TOPICS,
        extra_env=settings,
        directory=directory,
        logs=directory / "logs",
        progress=lambda name, state: teller.note(f"{name}: {state}"),
    )
    try:
        async with stack:
            subjects = await play(stack, teller) if demo else NEWCOMERS
            write(file, await places(stack, subjects))
            tell(stack, file, subjects)
            await stack.watch()
    except (ChildError, Unexpected) as error:
        teller.say()
        teller.quote(str(error))
        return 1


async def play(stack: Stack, teller: Teller) -> tuple[Subject, ...]:
    """The demo's three cases; callers bound to one of its institutions and one of the experts of its teams.

    Offers lapse after seconds while it is played, as in the demo; matching is then restarted with its usual term.
    """
    today = datetime.now(UTC).date()
    cases, outcome = [Case(example) for example in bodies.cases(today)], Outcome()
    api = Interfaces(stack.urls, stack.issuer)
    teller.begin()
    try:
        office = await act(api, teller, cases, outcome, today)
    finally:
        await api.close()
    teller.note("matching is started anew, with the deployed time to answer offers")
    await stack.restart("matching", extra_env=CALM)
    return callers(cases[0], outcome, office)


def callers(case: Case, outcome: Outcome, office: Office) -> tuple[Subject, ...]:
    """One caller per role in the story, each with an inbox except the operator."""
    focal_point, (_, expert_id) = case.focal_point, outcome.accepted[0]
    return (
        Subject("institution", focal_point.subject, institution_id=focal_point.institution_id),
        Subject("expert", expert_id, expert_id=expert_id),
        Subject("officer", "sample-officer", contact_id=office.staff["manager"]),
        Subject("operator", "sample-operator"),
    )


def tell(stack: Stack, file: Path, subjects: tuple[Subject, ...]) -> None:
    """Where everything is, for a person."""
    lines = [(name, f"{url}   docs: {url}/docs") for name, url in stack.urls.items()]
    lines += [
        ("identity", stack.issuer),
        ("kafka", stack.kafka),
        ("mongodb", stack.mongodb),
        ("mailbox", f"{stack.mail_directory}/*.eml"),
    ]
    print()
    for name, place in lines:
        print(f"  {name:14} {place}")
    print(f"\nAddresses and a token per role ({', '.join(s.role for s in subjects)}): {file}")
    bound = Subject("institution", "sample-somebody", institution_id=subjects[0].institution_id)
    print(
        "A token for any role (institution, expert, officer, operator) and subject, for eight hours. It may be bound by"
    )
    print("institution_id, expert_id, and contact_id: the contact or member of staff whose inbox it opens:\n")
    print(f"  {curl(stack.issuer, bound)}\n")
    print("A first request, call by call: docs/first-request.md")
    print("Ctrl-C ends everything; what was entered is thrown away, keys, logs and mails stay.", flush=True)


async def until_told(file: Path, *, demo: bool) -> int:
    """`stay`, ended by SIGTERM or SIGINT; 0 then, and no process or port is left."""
    staying = asyncio.create_task(stay(file, demo=demo))
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, staying.cancel)
    with suppress(asyncio.CancelledError):
        return await staying
    print("\nstopped; all processes ended", file=sys.stderr)
    return 0


def place_of(file: Path) -> Path:
    """Where logs, mail and data of the stack told of in `file` lie: build/dev for build/dev.json."""
    return file.with_suffix("")


def run(file: Path, *, demo: bool) -> int:
    """`until_told`, with `file` there only while the stack is up."""
    file.unlink(missing_ok=True)
    try:
        return asyncio.run(until_told(file, demo=demo))
    finally:
        file.unlink(missing_ok=True)


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.dev", description=__doc__.split("\n")[0])
    parser.add_argument("--data", choices=("demo",), help="fill it with the demo's three cases; empty when left out")
    parser.add_argument("--to", type=Path, default=ROOT / "build" / "dev.json", help="where addresses and tokens go")
    arguments = parser.parse_args()
    file: Path = arguments.to
    try:
        with alone(place_of(file)):
            code = run(file, demo=arguments.data == "demo")
    except Occupied as other:
        raise SystemExit(f"make dev already runs here (pid {other.process})") from None
    raise SystemExit(code)


if __name__ == "__main__":
    main()
