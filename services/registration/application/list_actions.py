"""List actions."""

from __future__ import annotations

from services.registration.application.access import Party
from services.registration.application.office import Office
from services.registration.domain.action import Action
from shared.errors import unbound
from shared.store import Filters, Page, Part, find_part


async def list_actions(office: Office, caller: Party, filters: Filters, part: Part) -> Page[Action]:
    """Actions, newest first: all for an officer, the institution's own for everybody else, whatever they filter.

    Documents that only note the events of a request not approved yet are no actions: `opened` leaves them out.
    Forbidden for a caller whose token names no institution.
    """
    filters = {**filters, "opened": 1}
    if caller.role == "officer":
        return await find_part(office.stores.actions, filters, part)
    if caller.institution_id is None:
        raise unbound("institution")
    if filters.get("institution") not in (None, caller.institution_id):
        return Page((), None)
    return await find_part(office.stores.actions, {**filters, "institution": caller.institution_id}, part)
