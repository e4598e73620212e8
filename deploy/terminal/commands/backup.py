"""`entente backup`: each service's database into one file, while it works."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.services import SERVICES
from deploy.terminal.failing import Exit, Failed, guarded, run
from deploy.terminal.showing import Call


def backup_command(
    context: typer.Context,
    services: Annotated[list[str] | None, typer.Argument(help=f"any of {', '.join(SERVICES)}; all where none")] = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIRECTORY", help="where the files go; made if missing")] = Path(),
) -> None:
    """One compressed file per service: every document, where its consumers stood, and a checksum. Reads only."""
    call: Call = context.obj()
    guarded(lambda: _checked(services or (), to))
    taken = run(lambda: _taken(call, services or list(SERVICES), to))
    call.shown.answer(taken)
    for row in taken:
        call.shown.line(
            f"{row['service']}: {row['documents']} documents of {len(row['collections'])} collections, "
            f"{row['bytes']} bytes: {row['file']}"
        )


def _checked(services: Sequence[str], to: Path) -> None:
    if unknown := [name for name in services if name not in SERVICES]:
        raise Failed(f"{unknown[0]} is not a service: give any of {', '.join(SERVICES)}", Exit.USAGE)
    from deploy.terminal.backups.file import on_disk  # late: see commands/__init__.py

    with on_disk(to):
        taken = to.exists() and not to.is_dir()
    if taken:
        raise Failed(f"{to} is not a directory: give a folder with --to", Exit.USAGE)


async def _taken(call: Call, services: Sequence[str], to: Path) -> list[dict[str, Any]]:
    from deploy.terminal.backups.taking import take  # late: see commands/__init__.py

    rows = []
    for service in services:
        path, whole = await take(call.settings, service, to)
        rows.append(
            {
                "service": service,
                "file": str(path),
                "taken_at": whole.head.taken_at,
                "documents": sum(whole.counts.values()),
                "collections": whole.counts,
                "bytes": path.stat().st_size,
                "sha256": whole.sha256,
            }
        )
    return rows
