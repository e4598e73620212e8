"""`entente doctor`: everything that must be so before events flow, each thing that is not with the way to mend it."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from deploy.terminal.failing import Exit, run
from deploy.terminal.looks.finding import Finding, State
from deploy.terminal.opening import Opening
from deploy.terminal.showing import Shown

if TYPE_CHECKING:
    from deploy.terminal.settings import TerminalSettings

STORE_MS = 5000


def doctor_command(context: typer.Context) -> None:
    """Look at settings, reachability, topics, indexes, clocks and the replica set; say how to mend what is wrong.

    Exit code 1 where something is wrong, 2 where a setting is, 3 where something does not answer.
    """
    opening: Opening = context.obj
    if faults := opening.faults():
        found = [Finding("settings", State.WRONG, fault, "set it, or name a file with --from") for fault in faults]
        _end(opening.shown, found, Exit.USAGE)
    call = opening()
    found = run(lambda: _look(call.settings))
    states = {finding.state for finding in found}
    code = Exit.AWAY if State.AWAY in states else Exit.FOUND if states & {State.WRONG, State.UNKNOWN} else Exit.OK
    _end(call.shown, found, code)


async def _look(settings: TerminalSettings) -> list[Finding]:
    from pymongo.errors import PyMongoError  # late: see commands/__init__.py

    from deploy.terminal.looks.indexes import all_indexes
    from deploy.terminal.looks.kafka import look_at_kafka
    from deploy.terminal.looks.services import look_at_services
    from deploy.terminal.looks.store import indexes_of, look_at_store, not_looked_at
    from shared.store.client import close, connect

    client = connect(settings.mongodb.get_secret_value(), timeout_ms=STORE_MS)
    try:
        store, kafka, (services, setups) = await asyncio.gather(
            look_at_store(client, settings.databases), look_at_kafka(settings), look_at_services(settings)
        )
        there = {}
        if not any(f.area == "mongodb" and f.state in (State.AWAY, State.UNKNOWN) for f in store):
            try:
                there = {name: await indexes_of(client, base) for name, base in settings.databases.items()}
            except PyMongoError as error:
                store.append(not_looked_at(error))
        return [*services, *kafka, *store, *all_indexes(settings.databases, setups, there)]
    finally:
        await close(client)


def _end(shown: Shown, found: list[Finding], code: Exit) -> None:
    shown.answer({"sound": code is Exit.OK, "findings": [asdict(finding) for finding in found]})
    for finding in found:
        shown.line(f"{finding.state.value:8}{finding.area:14}{finding.what}")
        if finding.mend:
            shown.line(f"{'':22}mend: {finding.mend}")
    counted = Counter(finding.state for finding in found)
    shown.line(", ".join(f"{counted[state]} {state.value}" for state in State if counted[state]))
    raise typer.Exit(int(code))
