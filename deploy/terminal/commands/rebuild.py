"""`entente rebuild VIEW`: the owning service makes a view again from its topic."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from deploy.terminal.failing import Exit, Failed, run
from deploy.terminal.showing import Call

VIEWS = {"roster": "matching", "contacts": "notifications"}
LOOK_SECONDS = 0.3


def rebuild_command(
    context: typer.Context,
    view: Annotated[str, typer.Argument(help=" or ".join(VIEWS))],
    wait: Annotated[bool, typer.Option(help="wait for the end; --no-wait returns once it has begun")] = True,
    status: Annotated[bool, typer.Option("--status", help="begin nothing: how the latest one stands")] = False,
) -> None:
    """Make a consumer's own view again from its topic, beside the live one, and take it over. Safe while all works.

    Exit code 1 where it failed or was interrupted: the next call begins again, and does also what was left undone.
    """
    call: Call = context.obj()
    found = run(lambda: _rebuild(call, view, wait=wait, status=status))
    call.shown.answer(found)
    call.shown.line(_told(found))
    for record in found["unreadable"]:
        call.shown.line(f"    cannot be read: {record}")
    raise typer.Exit(int(Exit.OK if found["state"] in ("running", "done") else Exit.FOUND))


async def _rebuild(call: Call, view: str, *, wait: bool, status: bool) -> dict[str, Any]:
    if view not in VIEWS:
        raise Failed(f"{view} is not a view: give {' or '.join(VIEWS)}", Exit.USAGE)
    service, path = VIEWS[view], f"/operations/rebuilds/{view}"
    async with call.asking() as ask:
        found: dict[str, Any] | None = await ask(
            service, "GET" if status else "POST", path, unheard=f"look with entente rebuild {view} --status"
        )
        while found is not None and wait and not status and found["state"] == "running":
            await asyncio.sleep(LOOK_SECONDS)
            found = await ask(service, "GET", path)
        if found is None:
            await ask.setup(service)
    if found is None:
        raise Failed(f"{view} has never been rebuilt")
    return found


def _told(found: dict[str, Any]) -> str:
    state, view = found["state"], found["view"]
    if state == "running":
        return f"{view}: {found['step']}, since {found['started_at']}"
    if state == "failed":
        return f"{view}: failed while {found['step']}: {found['error']}"
    if state == "interrupted":
        return f"{view}: interrupted while {found['step']}; call again"
    wrong = {kind: found[kind] for kind in ("differed", "missing", "erased") if found[kind]}
    said = ", ".join(f"{n} {kind}" for kind, n in wrong.items()) or "none differed"
    left = f"; {found['newer']} had moved on meanwhile" if found["newer"] else ""
    over = f"; {gone} discarded by operators" if (gone := found.get("discarded")) else ""
    return f"{view}: {found['documents']} documents from {found['records']} records: {said}{left}{over}"
