"""What is asked: by a position with final terms of reference, or by a whole request before them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.contracts.events.searches import Stage
from shared.contracts.events.terms_of_reference import Mode, OriginRule

Level = Literal["A1", "A2", "B1", "B2", "C1", "C2", "native"]

LEVELS: tuple[Level, ...] = get_args(Level)
RANK_OF_LEVEL: dict[str, int] = {level: rank for rank, level in enumerate(LEVELS, start=1)}


class Frozen(BaseModel):
    """An unchangeable value of this domain. Unknown fields are passed over: two releases may share a store."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Window(Frozen):
    """A period of whole days; both ends belong to it."""

    start: date
    end: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end < self.start:
            raise ValueError("a window ends on or after the day it starts")
        return self

    def days(self) -> Iterator[date]:
        """Each day, the first one first."""
        return (self.start + timedelta(days=n) for n in range((self.end - self.start).days + 1))

    def moved(self, days: int) -> Window:
        """The same length, later by `days` (earlier when negative)."""
        by = timedelta(days=days)
        return Window(start=self.start + by, end=self.end + by)


class LanguageNeed(Frozen):
    """A language the work is done in, and the least level for it (CEFR, or native)."""

    language: str
    level: Level


class Requirement(Frozen):
    """Everything the rules and the score may look at on the asking side.

    `indicative` asks for a whole request before terms of reference exist; rules whose facts cannot be known
    then are not applied. `binding` asks for one position.
    """

    stage: Stage
    request_id: str
    position_id: str | None = None
    activity_id: str | None = None
    institution_id: str = Field(description="The requesting institution.")
    related_institution_ids: tuple[str, ...] = Field(
        default=(), description="Parent and children as far as they are known here; not 'the same government'."
    )
    country: str = Field(description="Destination, ISO 3166-1 alpha-2.")
    themes: tuple[str, ...] = Field(min_length=1, description="Any one of them suffices to be considered.")
    languages: tuple[LanguageNeed, ...] = ()
    prep: Window | None = None
    onsite: Window | None = None
    delivery_due: date | None = None
    preferred: Window | None = Field(default=None, description="The period a request would like.")
    mode: Mode = "on_site"
    days_total: int | None = Field(default=None, ge=1, description="Working days over all windows.")
    min_years: float = Field(default=0, ge=0)
    origin_rule: OriginRule = "any"
    accepts_private: bool = True
    is_principal: bool = False
    team_institution_ids: tuple[str, ...] = Field(
        default=(),
        description="Employers of the experts who have accepted in the same team, where it is searched again.",
    )
    asked_before: tuple[str, ...] = Field(
        default=(), description="Experts who were offered this position before, whatever came of it."
    )
    answer_due_on: date | None = Field(
        default=None,
        description="Last day in the facility's time zone on which an offer made at the search could be answered.",
    )
    text: str = Field(default="", description="Title, objectives, tasks: what texts are compared with.")

    @model_validator(mode="after")
    def _binding_is_complete(self) -> Self:
        if self.stage == "binding":
            if self.position_id is None or self.activity_id is None or self.days_total is None:
                raise ValueError("a binding requirement names its position, its activity and its days")
            if self.mode != "remote" and self.onsite is None:
                raise ValueError("a binding requirement that is not remote has an on-site window")
        return self

    @property
    def needs_presence(self) -> bool:
        """True when somebody has to travel."""
        return self.mode != "remote"

    def span(self) -> Window | None:
        """First to last day of the work, or the preferred period; None when nothing is known."""
        starts = [window.start for window in (self.prep, self.onsite) if window]
        ends = [window.end for window in (self.prep, self.onsite) if window]
        if self.delivery_due is not None:
            ends.append(self.delivery_due)
            starts.append(self.delivery_due)
        if not starts:
            return self.preferred
        return Window(start=min(starts), end=max(ends))

    def hold_window(self) -> Window | None:
        """The days an offer keeps free in a calendar: the stay on site, or for remote work the whole span."""
        return self.onsite if self.needs_presence and self.onsite else self.span()

    def begun_on(self, day: date) -> bool:
        """True when the first of the days that an offer keeps is that day or an earlier one.

        Nobody is offered a position whose days have begun when the answer is due: who accepts on the last day must
        still be able to come on the first. Our rule, no public source.
        """
        window = self.hold_window()
        return window is not None and window.start <= day

    def moved(self, days: int) -> Requirement:
        """The same requirement with every window later by `days` (earlier when negative)."""
        due = self.delivery_due + timedelta(days=days) if self.delivery_due else None
        return self.model_copy(
            update={
                "prep": self.prep.moved(days) if self.prep else None,
                "onsite": self.onsite.moved(days) if self.onsite else None,
                "preferred": self.preferred.moved(days) if self.preferred else None,
                "delivery_due": due,
            }
        )
