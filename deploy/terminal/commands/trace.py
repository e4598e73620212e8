"""`entente trace CORRELATION`: one case's whole way over the three services, in time order, with the waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain, count
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.terminal.commands.doctor import STORE_MS
from deploy.terminal.failing import Failed, run
from deploy.terminal.showing import Call, Shown, ago

if TYPE_CHECKING:
    from deploy.terminal.looks.way import Case, Step

COLUMNS = ("at (UTC)", "service", "what", "about", "waited", "for")


def trace_command(
    context: typer.Context,
    correlation: Annotated[
        str,
        typer.Argument(
            help="a correlation id, the id of anything in the case but an event, a request's reference or an "
            "action's code"
        ),
    ],
) -> None:
    """Everything that happened in one case and what each step waited for; last, what it still waits for.

    Reads every topic and collection through: it takes as long as there is data.
    """
    call: Call = context.obj()
    case, steps = run(lambda: _trace(call, correlation))
    done = [step for step in steps if not step.open]
    waits = [step for step in steps if step.open]
    services = sorted({step.service for step in steps} - {"kafka"})
    call.shown.answer(
        {
            "correlation": case.correlation,
            "services": services,
            "steps": [_as_json(step) for step in done],
            "open": [_as_json(step) for step in waits],
            "unreadable": _unreadable(case),
            "attention": [nobody.line for nobody in case.empty],
        }
    )
    _show(call.shown, case, done, waits, services)


async def _trace(call: Call, named: str) -> tuple[Case, list[Step]]:
    from deploy.terminal.looks.case import correlation_of, read_case  # late: see commands/__init__.py
    from deploy.terminal.looks.way import way
    from shared.store.client import close, connect

    settings = call.settings
    client = connect(settings.mongodb.get_secret_value(), timeout_ms=STORE_MS)
    try:
        correlation = await correlation_of(client, settings.databases, named)
        case = await read_case(settings.kafka, client, settings.databases, correlation)
    finally:
        await close(client)
    steps = way(case, datetime.now(UTC))
    if not steps and not case.documents:
        raise Failed(
            f"nothing is known of {named}; give the id of anything in the case but an event, a request's reference, "
            "an action's code, or an answer's X-Correlation-Id" + "".join(f"; {nobody.line}" for nobody in case.empty)
        )
    return case, steps


def _show(shown: Shown, case: Case, done: list[Step], waits: list[Step], services: list[str]) -> None:
    """Two tables, and the ids behind the short names in them."""
    from deploy.terminal.looks.way import numbered  # late: see commands/__init__.py

    names = short_names([*done, *waits], numbered(case))
    rows = [_row(step, names) for step in done]
    open_ = [_row(step, names) for step in waits]
    span = f" in {ago(done[-1].at - done[0].at)}" if done else ""
    shown.table(f"{case.correlation}: {len(done)} steps over {', '.join(services)}{span}", COLUMNS, rows)
    if open_:
        shown.table("Still open", COLUMNS, open_)
    for about, name in names.items():
        shown.line(f"{name:22}{about.rpartition(' ')[2]}")
    for record in _unreadable(case):
        shown.line(f"cannot be read, and is parked by whoever consumes it: {record}")
    for nobody in case.empty:
        shown.line(f"! {nobody.line}")
    if not (open_ or case.empty):
        shown.line("nothing is open")


def _unreadable(case: Case) -> list[str]:
    from deploy.audit.reading import located  # late: see commands/__init__.py

    return [located(said.topic, said.partition, said.offset, said.unreadable) for said in case.said if said.unreadable]


def short_names(steps: Iterable[Step], called: Mapping[str, str]) -> dict[str, str]:
    """A short name for each thing that steps are about, in their order: what people call it, or its kind and the next
    number that is free."""
    names: dict[str, str] = {}
    for about in dict.fromkeys(step.about for step in steps):
        kind = about.rpartition(" ")[0]
        wanted = chain([called[about]] if about in called else [], (f"{kind} {n}" for n in count(1)))
        names[about] = next(name for name in wanted if name not in names.values())
    return names


def _row(step: Step, names: Mapping[str, str]) -> tuple[Any, ...]:
    waited = None if step.waited is None else ago(step.waited)
    at = f"{step.at:%m-%d %H:%M:%S}.{step.at.microsecond // 1000:03}"
    return at, step.service, step.what, names[step.about], waited, step.after


def _as_json(step: Step) -> dict[str, Any]:
    return {
        "at": step.at.isoformat(),
        "service": step.service,
        "what": step.what,
        "about": step.about,
        "waited_seconds": None if step.waited is None else step.waited.total_seconds(),
        "after": step.after,
    }
