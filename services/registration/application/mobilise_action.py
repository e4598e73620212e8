"""Let an action mobilise: its first terms of reference are final, and the search for its experts begins."""

from __future__ import annotations

from services.registration.application.office import Office
from services.registration.domain.action import Action, mobilise
from shared.store import Decision, Happened


async def mobilise_action(office: Office, action_id: str, cause: Happened) -> None:
    """Announces nothing: tor.finalised says it already. LookupError where the action is not in the store."""

    def decide(state: Action | None) -> Decision[Action]:
        if state is None:
            raise LookupError(f"terms of reference of action {action_id} are final and it is not stored")
        return Decision(mobilise(state))

    await office.stores.actions.change(action_id, cause, decide)
