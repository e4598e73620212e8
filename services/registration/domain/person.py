"""How a person can be reached, and whether they can be now."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import Field, model_validator

from services.registration.domain.values import Email, Name, Phone
from shared.errors import Unfit
from shared.given import Day, Different, Given
from shared.vocabulary.codes import LanguageCode

Languages = Annotated[
    tuple[LanguageCode, ...],
    Field(max_length=10, description="languages to write in, preferred first; ISO 639-1"),
    Different,
]


class Person(Given):
    """Name and address of one person."""

    given_name: Name
    family_name: Name
    email: Email
    phone: Phone = ""
    languages: Languages = ()

    @property
    def full_name(self) -> str:
        """How to address the person."""
        return f"{self.given_name} {self.family_name}"


class Term(Given):
    """From when until when somebody holds a function, both days included (UTC); open where left out."""

    active_from: Day | None = None
    active_to: Day | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Term:
        if self.active_from and self.active_to and self.active_to < self.active_from:
            said = f"active_to {self.active_to} lies before active_from {self.active_from}"
            raise Unfit(said, "Give an active_to on or after active_from.")
        return self

    def holds(self, now: datetime) -> bool:
        """Whether it runs at this instant."""
        today = now.astimezone(UTC).date()
        return (self.active_from or today) <= today <= (self.active_to or today)

    def next_switch(self, now: datetime) -> datetime | None:
        """The next instant after `now` at which `holds` changes; None if it never will again."""
        switches = [
            _midnight(day)
            for day in (self.active_from, self.active_to + timedelta(days=1) if self.active_to else None)
            if day is not None
        ]
        return min((at for at in switches if at > now), default=None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
