"""An expert, or an officer for them, says when they are free."""

from __future__ import annotations

from services.matching.application.access import Party, sees_time_of
from services.matching.application.announce import of_calendar
from services.matching.application.stores import Stores
from services.matching.domain.calendar import Calendar, Entry, OwnMaximum, declare
from shared.errors import PreconditionRequired, StaleVersion, no_such
from shared.store import Command, Decision, Outcome


async def declare_availability(
    stores: Stores,
    caller: Party,
    cause: Command,
    expert_id: str,
    entries: tuple[Entry, ...],
    own_maximum: OwnMaximum | None = None,
    *,
    whatever_it_is: bool = False,
) -> Outcome[Calendar]:
    """Replace everything declared before.

    NotFound for an expert this service has not heard of, and for an expert's caller who is somebody else; Refused
    where accepted days are declared unavailable; PreconditionRequired where a calendar stands and the caller neither
    names its version nor says `whatever_it_is`; StaleVersion for a version of a calendar that does not exist.
    """
    if not sees_time_of(caller, expert_id):
        raise no_such("expert", expert_id)
    if await stores.roster.read(expert_id) is None:
        soon = "A new profile is known here a moment after it was entered; try again."
        raise no_such("expert", expert_id, mend=soon)

    def decide(calendar: Calendar | None) -> Decision[Calendar]:
        if calendar is not None and cause.expected_version is None and not whatever_it_is:
            raise PreconditionRequired(
                "this calendar exists already and your edit does not say which version it replaces",
                mend="Read it, and send its ETag as If-Match.",
            )
        if calendar is None and cause.expected_version:
            raise StaleVersion("there is no calendar yet", mend='Read it again; an empty one has the ETag "0".')
        changed, happened = declare(calendar or Calendar(expert_id=expert_id), entries, own_maximum)
        return Decision(changed, of_calendar(changed, happened, cause.origin.correlation_id))

    return await stores.calendars.change(expert_id, cause, decide)
