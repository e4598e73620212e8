"""`entente restore`: one service's database back from a file, and what was asked of it since."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.terminal.failing import guarded, run
from deploy.terminal.showing import Call, counted

if TYPE_CHECKING:
    from deploy.terminal.backups.restoring import Restored

COLUMNS = ("at (UTC)", "what", "aggregate", "sequence", "asked by")


def restore_command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a file that entente backup has written")],
    into: Annotated[str | None, typer.Option(metavar="DATABASE", help="an empty database; else the service's")] = None,
    verify: Annotated[bool, typer.Option("--verify", help="read every document back and compare it")] = False,
    look: Annotated[
        bool, typer.Option("--look", help="change nothing: check the file, list what would be lost")
    ] = False,
    tell_again: Annotated[
        list[str] | None,
        typer.Option(
            metavar="GROUP", help="a group this backup does not know, which may mail people again; repeatable"
        ),
    ] = None,
) -> None:
    """Put a service's database back, with every replica of it stopped, and list the commands lost since the backup.

    Each aggregate's sequence is moved past what its topic holds, so that no new event looks like one consumers know.
    """
    from deploy.terminal.backups.newer import tells  # late: see commands/__init__.py
    from deploy.terminal.backups.restoring import restore
    from deploy.terminal.settings import database_name

    call: Call = context.obj()
    if into is not None:
        guarded(lambda: database_name(into, "--into"))
    done = run(lambda: restore(call.settings, file, into, verify=verify, look_only=look, tell_again=tell_again or ()))
    call.shown.answer(_as_json(done, look=look))
    head = done.whole.head
    call.shown.line(f"{file}: whole, {head.service} of {head.taken_at}, sha256 {done.whole.sha256[:16]}")
    if not look:
        call.shown.line(
            f"{done.documents} documents restored into {done.database}; {done.moved} moved past their topics, "
            f"{done.guarded} unknown to the backup are guarded"
        )
    for group, topic in done.newer.items():
        again = ", and tells people again of all that stands there" if tells(group) else ""
        call.shown.line(f"{group} is unknown to the backup: it reads {topic} from the beginning{again}")
    if done.verified is not None:
        call.shown.line(f"{done.verified} documents read back and found the same")
    _show_lost(call, done)


def _show_lost(call: Call, done: Restored) -> None:
    head = done.whole.head
    if not head.ends:
        call.shown.line(f"{head.service} announces nothing: what was asked of it since is lost, and nothing tells what")
        call.shown.line("what came since the backup is consumed again, and what it tells is told again")
        return
    commands = [said for said in done.beyond.since if said.command]
    again = sum(map(done.beyond.again, done.beyond.since))
    followed = len(done.beyond.since) - len(commands) - again
    if commands:
        rows = [(s.at[:19], s.type, s.aggregate, s.sequence, s.by) for s in commands]
        call.shown.table(f"{counted(len(commands), 'command')} lost since", COLUMNS, rows)
    else:
        call.shown.line("no command lost since")
    if followed:
        call.shown.line(f"{counted(followed, 'further event')} followed from them and went with them (--json)")
    for record in done.beyond.unreadable:
        call.shown.line(f"cannot be read here, or by whoever consumes it: {record}")
    if again:
        call.shown.line(
            f"{counted(again, 'event')} followed from other events and from deadlines: decided again once the service "
            "runs, and nobody is told of it twice (--json)"
        )


def _as_json(done: Restored, *, look: bool) -> dict[str, Any]:
    tells = bool(done.whole.head.ends)
    return {
        "service": done.whole.head.service,
        "taken_at": done.whole.head.taken_at,
        "sha256": done.whole.sha256,
        "database": None if look else done.database,
        "documents": done.documents,
        "moved": done.moved,
        "guarded": done.guarded,
        "verified": done.verified,
        "from_the_beginning": dict(done.newer),
        "lost": [said.as_json() for said in done.beyond.since if said.command] if tells else None,
        "followed": [s.as_json(again=done.beyond.again(s)) for s in done.beyond.since if not s.command]
        if tells
        else None,
        "unreadable": done.beyond.unreadable,
    }
