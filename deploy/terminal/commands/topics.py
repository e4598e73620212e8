"""`entente topics plan|apply`: the cluster's topics against the catalogue of contracts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.terminal.failing import Exit, Failed, run
from deploy.terminal.showing import Call, counted
from shared.contracts.topics import TOPICS
from shared.messaging.options import BROKERS_CHOICE

if TYPE_CHECKING:
    from shared.messaging.topics import Difference, Topics

app = typer.Typer(help="The cluster's topics against the catalogue.", no_args_is_help=True)


@app.command()
def plan(context: typer.Context) -> None:
    """Say what differs and how to mend it; change nothing. Exit code 1 while something differs."""
    call: Call = context.obj()
    _end(call, run(lambda: _topics(call, BROKERS_CHOICE).plan()))


@app.command()
def apply(
    context: typer.Context,
    replication: Annotated[int, typer.Option(min=-1, help="copies of each record; -1: the cluster's own default")] = (
        BROKERS_CHOICE
    ),
    enough_to_start: Annotated[
        bool, typer.Option("--enough-to-start", help="exit code 1 only for what services refuse to start with")
    ] = False,
) -> None:
    """Make what is missing; never change what exists. Exit code 1 while something differs. Repeatable.

    With --enough-to-start a setting that differs is told and is no reason to end with 1: services work with it.
    """
    call: Call = context.obj()
    _end(call, run(lambda: _apply(call, replication)), enough_to_start=enough_to_start)


async def _apply(call: Call, replication: int) -> Sequence[Difference]:
    from aiokafka.errors import InvalidReplicationFactorError  # late: see commands/__init__.py

    try:
        if not replication:
            raise InvalidReplicationFactorError("no copy at all keeps nothing")
        return await _topics(call, replication).apply()
    except InvalidReplicationFactorError as error:
        raise Failed(
            f"--replication {replication}: give at most as many copies as there are brokers, or -1 ({error})",
            Exit.USAGE,
        ) from None


def _topics(call: Call, replication: int) -> Topics:
    from shared.messaging.topics import Topics  # late: see commands/__init__.py

    return Topics(call.settings.kafka, partitions=call.settings.kafka_partitions, replication=replication)


def _end(call: Call, differences: Sequence[Difference], *, enough_to_start: bool = False) -> None:
    call.shown.answer({"topics": len(TOPICS), "differences": [asdict(found) for found in differences]})
    for found in differences:
        call.shown.line(f"{found.topic} {found.what}")
        call.shown.line(f"    {found.mend}")
    refused = any(found.refused for found in differences)
    start = "" if refused or not differences else "; services start with them all the same"
    call.shown.line(f"{len(TOPICS)} topics, {counted(len(differences), 'difference')}{start}")
    wrong = refused if enough_to_start else bool(differences)
    raise typer.Exit(int(Exit.FOUND if wrong else Exit.OK))
