"""The numbers registration decides by: those of the contract, which bound what events and forms may hold, and those of
the settings, whose defaults stand in `Policy`."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from shared.vocabulary import groups_of

THEME_CAP = 15
"""Themes on one profile. Source: the cap of fifteen skills of a United Nations expert roster."""

SUMMARY_WORDS = 150
"""Words of a professional summary. Default, no public source."""

THEMES_PER_REQUEST = 3
"""Themes of one request. Default, no public source."""

THEMES_PER_POSITION = 4
"""Themes of one position. Published terms of reference name one to four."""

POSITIONS_MOST = 4
"""Experts of one activity; published terms of reference ask for two. Default, no public source."""

REASON_LEAST = 10
"""Characters of a reason that is given in writing. Default, no public source."""

ELIGIBLE_GROUPS = ("ENLARGEMENT", "NEIGH_EAST", "NEIGH_SOUTH", "SSA", "LAC", "ASIA_PACIFIC", "MIDEAST_GULF")
"""Country groups whose institutions may ask: the regions named by the programme."""


class Policy(BaseModel):
    """Limits in days and months.

    `period_days_most`: calendar days, two years with a leap day; no public source. Activities last weeks, so a longer
    period is a mistyped year; and a search looks at each of its days for every expert.
    """

    model_config = ConfigDict(frozen=True)

    days_per_expert_warn: int = 25
    days_per_expert_most: int = 30
    days_per_action_warn: int = 90
    days_per_action_most: int = 120
    onsite_days_warn: int = 14
    period_days_most: int = 731
    vetting_months: int = 36
    eligible_groups: tuple[str, ...] = ELIGIBLE_GROUPS

    def admits(self, country: str, day: date) -> bool:
        """Whether eligible institutions of a country (ISO 3166-1 alpha-2) may ask on that day."""
        return not set(groups_of(country, day)).isdisjoint(self.eligible_groups)
