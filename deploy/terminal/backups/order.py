"""In which order a backup reads the collections of a service, so that none needs what was written after it was read.

Of two collections joined by two decisions the one that is written second is read first. Whatever a document that was
read leans on was there before it, and so is read too. What may be left over is a first decision without its second, and
that heals by itself, each in the way its use case heals after a crash between the two.
"""

from __future__ import annotations

from collections.abc import Iterable

from shared.messaging.parked import PARKED

READ: dict[str, tuple[str, ...]] = {
    "registration": (
        "timelines",
        "terms_of_reference",  # of an action; one without terms gets them when request.approved comes again
        "actions",  # of an approved request; one without an action gets it when request.approved comes again
        "requests",  # of an institution, signed by its contacts
        "experts",  # name the institutions that employ them
        "contacts",  # of an institution
        "staff",
        "delegations",
        "institutions",
        "allocations",  # the number before the last is on record before the series goes on
        "numbers",  # last: requests and actions bear numbers that were counted before
    ),
    "matching": (
        "teams",  # carry the guard of tor.finalised, written when every position is open
        "positions",  # an offer has its hold, an accepted one a firm hold, a list its search
        "searches",  # one without its position is met again under its derived id
        "calendars",  # a hold without its offer lapses
        "roster",
        "institutions",
    ),
    "notifications": (
        "told",  # noted when all deliveries of an event are made
        "cases",  # written after the receipts of their request
        "contacts",  # whoever becomes known releases deliveries, and does so again when the contact's event comes again
        "deliveries",
        "retries",  # noted before the mails it names are queued; the call that is repeated queues them
    ),
}
"""Collections by service, the one that is read first in front."""


def in_order(service: str, names: Iterable[str]) -> list[str]:
    """The collections as they are to be read. Parking lots first: an event that waited there and was handled meanwhile
    has left its effect in the rest. Then what stands in no list, such as the state of a rebuild: it is joined to
    nothing."""
    listed = READ[service]

    def place(name: str) -> tuple[int, str]:
        if name == PARKED.name:
            return -2, name
        return (listed.index(name) if name in listed else -1), name

    return sorted(names, key=place)
