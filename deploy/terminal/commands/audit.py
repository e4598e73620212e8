"""`entente audit`: the auditor on a live system. Reads every document and topic, changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from deploy.terminal.failing import Exit, Failed, run
from deploy.terminal.showing import Call

if TYPE_CHECKING:
    from deploy.audit import Findings

MOST = 50
KINDS = {
    "lost": "lost",
    "duplicates": "done or said twice",
    "out_of_order": "out of order",
    "holds_left": "days held for nobody",
    "foreign": "documents that no service wrote: take them out, or restore the collection from a backup",
    "pending": "on their way",
    "undeliverable": "notices that could not be delivered: mend the address, then POST /deliveries/{id}/retry",
    "unreadable": "records that cannot be read: parked by whoever consumes them, or in a batch that nobody reads",
    "discarded": "discarded by an operator",
    "republished": "records published twice (harmless)",
}


def audit_command(
    context: typer.Context,
    most: Annotated[int, typer.Option(min=1, help="findings of a kind that are written out")] = MOST,
) -> None:
    """Hold every decision, event, effect and notice against each other. Exit code 1 where something is not right.

    What is younger than the offsets read at the beginning, waits in an outbox or is parked counts as on its way.
    Mails are not read: a notice counts by its delivery.
    """
    call: Call = context.obj()
    findings = run(lambda: _audit(call))
    call.shown.answer({"sound": findings.sound, **findings.as_json(most)})
    for kind, told in KINDS.items():
        said: list[object] = getattr(findings, kind)
        if said:
            call.shown.line(f"{len(said)} {told}")
            for line in said[:most]:
                call.shown.line(f"    {line}")
            if len(said) > most:
                call.shown.line(f"    and {len(said) - most} more")
    call.shown.line(
        f"{findings.events} events, {findings.effects} effects: "
        + ("nothing lost, doubled or out of order" if findings.sound else "NOT in order")
        + (f"; {len(findings.pending)} on their way" if findings.pending else "")
    )
    raise typer.Exit(int(Exit.OK if findings.sound else Exit.FOUND))


async def _audit(call: Call) -> Findings:
    from deploy.audit import audit, gather_live  # late: see commands/__init__.py
    from shared.messaging.replay import HeadOfTopicMissing

    settings = call.settings
    try:
        evidence = await gather_live(list(settings.kafka), settings.mongodb.get_secret_value(), settings.databases)
    except HeadOfTopicMissing as error:
        raise Failed(
            f"{error}: it is kept for ever, and without its head an audit proves nothing", Exit.FOUND
        ) from None
    return audit(evidence, with_mail=False)
