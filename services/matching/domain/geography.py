"""Groups of countries, and from when to when each belongs to them: a search asks for its own day."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from shared.vocabulary import Membership


class Geography(BaseModel):
    """The groups that decide something. `main` fills it from the shared vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    eu: tuple[Membership, ...] = Field(min_length=1, description="Member states: decides EU or non-EU origin.")
    regions: dict[str, tuple[Membership, ...]] = Field(
        default_factory=dict,
        description="Groups that count as one region for experience and for excluded destinations.",
    )

    def eu_on(self, day: date) -> frozenset[str]:
        """The member states of that day."""
        return frozenset(m.country for m in self.eu if m.holds(day))

    def groups_of(self, country: str, on: date) -> tuple[str, ...]:
        """The codes of every region that holds the country on that day, in a fixed order."""
        return tuple(
            code
            for code in sorted(self.regions)
            if any(m.country == country and m.holds(on) for m in self.regions[code])
        )

    def members_of(self, groups: tuple[str, ...], on: date) -> frozenset[str]:
        """Every country in any of the groups on that day; unknown groups have none."""
        return frozenset(m.country for code in groups for m in self.regions.get(code, ()) if m.holds(on))
