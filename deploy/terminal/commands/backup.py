"""`entente backup`: each service's database into one file, while it works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.services import SERVICES
from deploy.terminal.failing import Exit, Failed, end, guarded, run, told
from deploy.terminal.showing import Call


def backup_command(
    context: typer.Context,
    services: Annotated[list[str] | None, typer.Argument(help=f"any of {', '.join(SERVICES)}; all where none")] = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIRECTORY", help="where the files go; made if missing")] = Path(),
) -> None:
    """One compressed file per service: every document, where its consumers stood, and a checksum. Reads only.

    A service of which none can be taken keeps no other from its backup; it is named at the end, with its exit code.
    """
    call: Call = context.obj()
    guarded(lambda: _checked(services or (), to))
    taken, without = run(lambda: _taken(call, services or list(SERVICES), to))
    if taken:
        call.shown.answer(taken)
    if without:
        every = "; ".join(f"no backup of {', '.join(names)}: {why}" for (why, _), names in without.items())
        end(every, next(iter(without))[1])


def _checked(services: Sequence[str], to: Path) -> None:
    if unknown := [name for name in services if name not in SERVICES]:
        raise Failed(f"{unknown[0]} is not a service: give any of {', '.join(SERVICES)}", Exit.USAGE)
    from deploy.terminal.backups.file import on_disk  # late: see commands/__init__.py

    with on_disk(to):
        taken = to.exists() and not to.is_dir()
    if taken:
        raise Failed(f"{to} is not a directory: give a folder with --to", Exit.USAGE)


async def _taken(
    call: Call, services: Sequence[str], to: Path
) -> tuple[list[dict[str, Any]], dict[tuple[str, Exit], list[str]]]:
    """What was taken, said as soon as it is there; and why none was of which services."""
    rows, without = [], defaultdict(list)
    for service in services:
        try:
            row = await _row(call, service, to)
        except Exception as error:
            if (said := told(error)) is None:
                raise
            without[said].append(service)
            continue
        rows.append(row)
        call.shown.line(
            f"{service}: {row['documents']} documents of {len(row['collections'])} collections, "
            f"{row['bytes']} bytes: {row['file']}"
        )
    return rows, without


async def _row(call: Call, service: str, to: Path) -> dict[str, Any]:
    from deploy.terminal.backups.taking import take  # late: see commands/__init__.py

    path, whole = await take(call.settings, service, to)
    return {
        "service": service,
        "file": str(path),
        "taken_at": whole.head.taken_at,
        "documents": sum(whole.counts.values()),
        "collections": whole.counts,
        "bytes": path.stat().st_size,
        "sha256": whole.sha256,
    }
