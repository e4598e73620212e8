"""Countries and the groups they belong to, and from when to when: a search asks for its own day."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

_FIXED = ConfigDict(frozen=True, extra="forbid")


class Membership(BaseModel):
    """A country's time in a group; both days belong to it."""

    model_config = _FIXED

    country: str = Field(description="ISO 3166-1 alpha-2.")
    first: date = date.min
    last: date = date.max

    def holds(self, on: date) -> bool:
        """Whether the country belongs to the group on that day."""
        return self.first <= on <= self.last


class Geography(BaseModel):
    """Country groups. The application fills it from the shared vocabulary."""

    model_config = _FIXED

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
