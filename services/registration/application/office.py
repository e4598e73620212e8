"""What every use case is handed. No store is declared here (`stores.py`): the office puts them beside the clock, the
limits and the counter of references."""

from __future__ import annotations

from dataclasses import dataclass

from services.registration.application.number_requests import References
from services.registration.application.stores import Stores
from services.registration.domain.institution import Institution
from services.registration.domain.policy import Policy
from shared.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """The stores, the clock, the limits a decision is held against, and where references come from."""

    stores: Stores
    clock: Clock
    policy: Policy
    references: References

    def may_ask(self, institution: Institution) -> bool:
        """Whether institutions of its country may ask for assistance today (UTC), once found eligible."""
        return self.policy.admits(institution.facts.country, self.clock.now().date())
