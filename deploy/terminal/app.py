"""Everything `entente` can do: its table of contents."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from deploy.terminal.commands import parked, topics
from deploy.terminal.commands.audit import audit_command
from deploy.terminal.commands.backup import backup_command
from deploy.terminal.commands.doctor import doctor_command
from deploy.terminal.commands.rebuild import rebuild_command
from deploy.terminal.commands.republish import republish_command
from deploy.terminal.commands.restore import restore_command
from deploy.terminal.commands.status import status_command
from deploy.terminal.commands.trace import trace_command
from deploy.terminal.opening import Opening
from deploy.terminal.settings import place_of_settings
from deploy.terminal.showing import Shown

app = typer.Typer(
    name="entente",
    help="The operator's terminal: look at a running system and mend it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(topics.app, name="topics")
app.command("doctor")(doctor_command)
app.command("status")(status_command)
app.add_typer(parked.app, name="parked")
app.command("trace")(trace_command)
app.command("audit")(audit_command)
app.command("rebuild")(rebuild_command)
app.command("republish")(republish_command)
app.command("backup")(backup_command)
app.command("restore")(restore_command)


@app.callback()
def entente(
    context: typer.Context,
    place: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="a build/dev.json written by 'make dev', instead of ENTENTE_*"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for a script")] = False,
) -> None:
    """Settings come from the environment (ENTENTE_KAFKA, ENTENTE_MONGODB, …) or from --from FILE.

    Exit codes: 0 all in order, 1 something is not, 2 wrong call or setting, 3 something does not answer, 4 refused.
    """
    if context.resilient_parsing:
        return
    context.obj = Opening(place_of_settings(place), Shown(as_json=as_json))


def main() -> None:
    """The program `entente`."""
    logging.disable(logging.CRITICAL)  # the Kafka client logs every failed connection; the one line says it once
    app()
