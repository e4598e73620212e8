"""What callers hand in: fields that are known, whole days as they are written, values and fields named once."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.errors import Unfit

T = TypeVar("T", bound=Hashable)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_WRITE = "Give a day of the calendar, such as 2030-01-31."
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class Given(BaseModel):
    """What a caller hands in: unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def read_json(text: bytes) -> tuple[Any, str | None]:
    """The document, and a name that one of its objects gives twice, if any does: a parser keeps the last value, and
    nobody would learn of the other. ValueError and RecursionError where the text cannot be parsed."""
    twice: list[str] = []

    def made(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(pairs)
        if len(named) < len(pairs):
            twice.append(next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))
        return named

    document = json.loads(text, object_pairs_hook=made)
    return document, twice[0] if twice else None


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if _DAY.fullmatch(value) is None:
            raise Unfit("a day is written YYYY-MM-DD, without a time", _WRITE)
        try:
            value = date.fromisoformat(value)
        except ValueError:
            raise Unfit("there is no such day", _WRITE) from None
    if type(value) is not date:
        raise Unfit("a day is written YYYY-MM-DD", _WRITE)
    if not EARLIEST <= value <= LATEST:
        raise Unfit(f"a day lies between {EARLIEST} and {LATEST}", "Give a day between them.")
    return value


def different(values: Sequence[T]) -> Sequence[T]:
    """The values, if none is named twice. Unfit otherwise."""
    seen: set[T] = set()
    twice = {str(value) for value in values if value in seen or seen.add(value)}  # type: ignore[func-returns-value]
    if twice:
        raise Unfit(f"named twice: {', '.join(sorted(twice))}", "Name each once.")
    return values


Day = Annotated[date, BeforeValidator(_day), Field(json_schema_extra={"format": "date"})]
Different = AfterValidator(different)


class Days(Given):
    """Whole days, both included."""

    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        if self.last_day < self.first_day:
            said = f"last_day {self.last_day} lies before first_day {self.first_day}"
            raise Unfit(said, "Give a last_day on or after first_day.")
        return self

    @property
    def length(self) -> int:
        """Calendar days, both ends counted."""
        return (self.last_day - self.first_day).days + 1

    @property
    def weekdays(self) -> int:
        """Mondays to Fridays, both ends counted. No holiday is taken off."""
        weeks, rest = divmod(self.length, 7)
        first = self.first_day.weekday()
        return weeks * 5 + sum((first + day) % 7 < 5 for day in range(rest))
