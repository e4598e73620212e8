"""Countries and the groups they belong to, as the vocabulary states them on the day of a search."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Geography(BaseModel):
    """Country groups by ISO 3166-1 alpha-2 code. The application fills it from the shared vocabulary."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    eu: tuple[str, ...] = Field(min_length=1, description="Member states: decides EU or non-EU origin.")
    regions: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Groups that count as one region for experience and for excluded destinations.",
    )

    def groups_of(self, country: str) -> tuple[str, ...]:
        """The codes of every region that holds the country, in a fixed order."""
        return tuple(code for code in sorted(self.regions) if country in self.regions[code])

    def members_of(self, groups: tuple[str, ...]) -> frozenset[str]:
        """Every country in any of the groups; unknown groups have none."""
        return frozenset(country for code in groups for country in self.regions.get(code, ()))
