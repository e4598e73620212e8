"""`entente parked list|show|mend|redrive|discard`: events a service could not handle, and what to do about them.

Each service looks after its own lot and does what it is asked; who, when and why stays in its store.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.services import SERVICES
from deploy.terminal.failing import Exit, Failed, run
from deploy.terminal.showing import Call, counted

if TYPE_CHECKING:
    from deploy.terminal.asking import Asking

app = typer.Typer(help="Events that wait for an operator.", no_args_is_help=True)

PAGE = 100
"""The most a service lists at once."""
LONGEST = 1_000_000
"""Characters of a value a service takes; a test holds it to the service's own limit."""

PLACE = re.compile(r"([0-9]{1,10})/([0-9]{1,19})")
"""Partition and offset, with no more digits than Kafka's own have."""

Id = Annotated[str, typer.Argument(help="id of the parked key, as 'parked list' shows it")]
Reason = Annotated[str, typer.Option("--reason", help="why, in a few words; it stays in the store with who and when")]
At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="PARTITION/OFFSET", help="only if the key is still blocked by this event, as 'show' told"
    ),
]


@app.command("list")
def list_(context: typer.Context) -> None:
    """Every key that waits, by the event that blocks it, the longest parked first. Exit code 1 where there are any."""
    call: Call = context.obj()
    found, away = run(lambda: _list(call))
    call.shown.answer({"parked": found, "away": away})
    for row in found:
        call.shown.line(f"{row['id']}  {row['group']}  {row['key']}")
        since = f"since {row['parked_at'][:19]} UTC, {row['waiting']} waiting"
        call.shown.line(f"    {_event(row)}: {row['reason']}; {since}")
    if found:
        call.shown.line(f"{counted(len(found), 'key')} parked: entente parked show ID")
    elif not away:
        call.shown.line("nothing is parked")
    for line in away:
        call.shown.line(f"! {line}")
    raise typer.Exit(int(Exit.AWAY if away else Exit.FOUND if found else Exit.OK))


@app.command()
def show(context: typer.Context, id_: Id) -> None:
    """The event that blocks a key, with value and history, and what operators did about the key."""
    call: Call = context.obj()
    found = run(lambda: _show(call, id_))
    call.shown.answer(found)
    event = found["event"]
    if event is None:
        call.shown.line(f"{id_}: free; nothing waits")
    else:
        call.shown.line(f"{id_}: {event['key']} for {event['group']}, {event['waiting']} waiting")
        call.shown.line(f"blocked by   {_event(event)} at {event['topic']} {event['partition']}/{event['offset']}")
        attempts = counted(event["attempts"], "attempt")
        call.shown.line(f"parked       {event['parked_at'][:19]} UTC: {event['reason']}; {attempts}")
        call.shown.lines("error        ", event["error"] or "-")
        call.shown.lines("value        ", event["payload"] or "-")
        for step in event["history"]:
            call.shown.line(f"{step['at'][:19]}  failed: {step['what']}")
    for act in found["acts"]:
        came_of = act["came_of"] or "no outcome known"
        call.shown.line(f"{act['at'][:19]}  {act['what']} by {act['who']} ({act['reason']}): {came_of}")


@app.command()
def redrive(context: typer.Context, id_: Id, reason: Reason) -> None:
    """Handle the waiting events of a key again, in order, until one fails or none is left.

    Safe to repeat: each effect happens once. Exit code 1 where one failed again.
    """
    call: Call = context.obj()
    done = run(lambda: _post(call, id_, "redrive", {"reason": _worded(reason)}))
    call.shown.answer(done)
    call.shown.line(
        f"{done['handled']} handled, {done['left']} left" + (f": {done['reason']}" if done["reason"] else "")
    )
    raise typer.Exit(int(Exit.FOUND if done["left"] else Exit.OK))


@app.command()
def mend(
    context: typer.Context,
    id_: Id,
    file: Annotated[Path, typer.Option("--file", help="the event's value as it should be, JSON")],
    reason: Reason,
    at: At = None,
) -> None:
    """Give the event that blocks a key another value. It stays the same event (key, event_id, sequence); redrive it."""
    call: Call = context.obj()
    done = run(lambda: _at_place(call, id_, "mend", at, {"reason": _worded(reason), "value": _value(file)}))
    call.shown.answer(done)
    call.shown.line(f"mended {_place(done)}; {done['left']} waiting: entente parked redrive {id_} --reason …")


@app.command()
def discard(context: typer.Context, id_: Id, reason: Reason, at: At = None) -> None:
    """Never handle the event that blocks a key; it leaves no gap. What waits behind it: redrive it."""
    call: Call = context.obj()
    done = run(lambda: _at_place(call, id_, "discard", at, {"reason": _worded(reason)}))
    call.shown.answer(done)
    way_on = f": entente parked redrive {id_} --reason …" if done["left"] else ""
    call.shown.line(f"discarded {_place(done)}; {done['left']} waiting{way_on}")


async def _list(call: Call) -> tuple[list[dict[str, Any]], list[str]]:
    """What is parked, and which services did not say."""
    found: list[dict[str, Any]] = []
    away: list[str] = []
    async with call.asking() as ask:
        for service in SERVICES:
            after = ""
            try:
                while True:
                    page = await ask(service, "GET", f"/operations/parked?limit={PAGE}{after}")
                    if page is None:
                        raise ask.stranger(service)
                    found += [{"service": service, **item} for item in page["items"]]
                    if page["next"] is None:
                        break
                    after = f"&after={page['next']}"
            except Failed as error:
                if error.code is not Exit.AWAY:
                    raise
                if str(error) not in away:
                    away.append(str(error))
    return sorted(found, key=lambda row: str(row["parked_at"])), away


async def _show(call: Call, id_: str) -> dict[str, Any]:
    async with call.asking() as ask:
        service, acts = await _owner(ask, id_)
        event = await ask(service, "GET", f"/operations/parked/{id_}")
    return {"id": id_, "service": service, "event": event, "acts": acts}


async def _owner(ask: Asking, id_: str) -> tuple[str, list[dict[str, Any]]]:
    """The service whose lot has it, and what was done about it. Failed where none has."""
    if not id_.startswith("parked_") or not id_.isidentifier():
        raise Failed(f"{id_} is not the id of a parked key; 'entente parked list' shows them", Exit.USAGE)
    away = None
    for service in SERVICES:
        try:
            acts = await ask(service, "GET", f"/operations/parked/{id_}/acts")
        except Failed as error:
            if error.code is not Exit.AWAY:
                raise
            away = error
            continue
        if acts is not None:
            return service, acts
    if away is not None:
        raise away
    await ask.all_there(SERVICES)
    raise Failed(f"no service has parked anything as {id_}; 'entente parked list' shows what there is")


async def _post(call: Call, id_: str, what: str, body: dict[str, Any]) -> dict[str, Any]:
    async with call.asking() as ask:
        service, _ = await _owner(ask, id_)
        done: dict[str, Any] | None = await ask(
            service,
            "POST",
            f"/operations/parked/{id_}/{what}",
            json=body,
            unheard=f"look with entente parked show {id_}",
        )
    if done is None:
        raise Failed(f"{service} does not know {id_} any more")
    return done


async def _at_place(call: Call, id_: str, what: str, at: str | None, body: dict[str, Any]) -> dict[str, Any]:
    """Ask for it with the place of the event meant: the one named, or the one that blocks the key now."""
    if at is not None:
        if (place := PLACE.fullmatch(at)) is None:
            raise Failed(f"--at {at}: give PARTITION/OFFSET, such as 3/17", Exit.USAGE)
        return await _post(call, id_, what, {**body, "partition": int(place[1]), "offset": int(place[2])})
    event = (await _show(call, id_))["event"]
    if event is None:
        raise Failed(f"{id_} is free; nothing waits")
    return await _post(call, id_, what, {**body, "partition": event["partition"], "offset": event["offset"]})


def _worded(reason: str) -> str:
    if not 3 <= len(reason.strip()) <= 500:
        raise Failed("--reason: say why in 3 to 500 characters", Exit.USAGE)
    return reason.strip()


def _value(file: Path) -> str:
    try:
        value = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"{file} cannot be read: {type(error).__name__}", Exit.USAGE) from None
    if not 2 <= len(value) <= LONGEST:
        raise Failed(f"{file} has {len(value)} characters; an event's value has 2 to {LONGEST}", Exit.USAGE)
    return value


def _event(row: dict[str, Any]) -> str:
    """Type and number of an event, as far as they can be read."""
    number = f" #{row['sequence']}" if row["sequence"] is not None else ""
    return f"{row['event_type'] or 'unreadable'}{number}"


def _place(done: dict[str, Any]) -> str:
    act = done["act"]
    number = f" #{act['sequence']}" if act["sequence"] is not None else ""
    return f"{act['event_id'] or 'event'}{number} at {act['partition']}/{act['offset']}"
