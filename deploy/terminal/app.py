"""Everything `entente` can do: its table of contents."""

from __future__ import annotations

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from deploy.terminal.commands import parked, topics
from deploy.terminal.commands.audit import audit_command
from deploy.terminal.commands.backup import backup_command
from deploy.terminal.commands.doctor import doctor_command
from deploy.terminal.commands.rebuild import rebuild_command
from deploy.terminal.commands.republish import republish_command
from deploy.terminal.commands.restore import restore_command
from deploy.terminal.commands.status import status_command
from deploy.terminal.commands.trace import trace_command
from deploy.terminal.failing import Exit, end, fault
from deploy.terminal.opening import Opening
from deploy.terminal.showing import Shown
from shared import __version__

WRONG_CALL: type[Any] = typer.BadParameter.__mro__[1]
"""What Typer raises for a call that it does not understand: its UsageError, which it does not export."""


class OneLine(TyperGroup):
    """Says what is wrong with a call in one line, as every other failure is said; Typer draws a box of five."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The options before the command."""
        _show_no_value_of_flags(self, ctx)
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **extra: Any) -> Any:
        """The words of the call up to the command."""
        with _one_line():
            return super().make_context(*args, **extra)

    def invoke(self, ctx: Any) -> Any:
        """The command, with its own words."""
        with _one_line():
            return super().invoke(ctx)


def _show_no_value_of_flags(command: Any, ctx: Any) -> None:
    """In the help of a command and of those below it; Typer writes `--json <bool>`, as if a value had to follow."""
    for option in command.get_params(ctx):
        if getattr(option, "is_flag", False):
            option.metavar = ""
    for below in getattr(command, "commands", {}).values():
        _show_no_value_of_flags(below, ctx)


def _hint(error: Any) -> str:
    """How to call it: with the option before the command, where it is one of those; otherwise where help is."""
    if error.ctx is None:
        return "see 'entente --help'"
    root, named = error.ctx.find_root(), getattr(error, "option_name", None)
    for option in root.command.get_params(root):
        if named in option.opts:
            value = f" {option.metavar}" if option.metavar else ""
            command = error.ctx.command_path.removeprefix(root.command_path)
            return f"put it before the command: {root.command_path} {named}{value}{command}"
    return f"see '{error.ctx.command_path} --help'"


@contextmanager
def _one_line() -> Iterator[None]:
    try:
        yield
    except WRONG_CALL as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            raise  # no command was named: what stands on the screen is its help, or Typer writes it there
        end(f"{error.format_message().rstrip('.')}; {_hint(error)}", Exit.USAGE)
    except (typer.Exit, typer.Abort):
        raise
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # nobody reads on, such as `head`: Typer ends without a word
        end(f"what was found cannot be printed: {error}", Exit.AWAY)
    except KeyboardInterrupt:
        end("interrupted", Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - also what goes wrong while the result is printed becomes one line
        fault(error)


app = typer.Typer(
    name="entente",
    cls=OneLine,
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


def _tell_version(asked: bool) -> None:
    if not asked:
        return
    typer.echo(f"entente {__version__}")
    raise typer.Exit


@app.callback()
def entente(
    context: typer.Context,
    place: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="a build/dev.json written by 'make dev', instead of ENTENTE_*"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON for a script")] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="say which version this is")
    ] = False,
) -> None:
    """Settings come from the environment (ENTENTE_KAFKA, ENTENTE_MONGODB, …) or from --from FILE.

    Exit codes: 0 all in order, 1 something is not, 2 wrong call or setting, 3 something does not answer, 4 refused,
    70 a fault of the terminal itself, 130 interrupted.
    """
    if context.resilient_parsing:
        return
    context.obj = Opening(place, Shown(as_json=as_json))


def main() -> None:
    """The program `entente`."""
    logging.disable(logging.CRITICAL)  # the Kafka client logs every failed connection; the one line says it once
    app(prog_name="entente")  # not `python -m deploy.terminal`, as an image calls it
