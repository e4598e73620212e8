"""The values registration's aggregates are made of: bounded texts, whole days, codes of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from shared import vocabulary
from shared.errors import Fault
from shared.vocabulary import TermKind

T = TypeVar("T", bound=Hashable)

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)


class Given(BaseModel):
    """What a caller hands in: unknown fields are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Kept(BaseModel):
    """What is stored. A field this version does not know is passed over, at any depth: while a deployment rolls,
    old replicas read what new ones wrote."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """As of pydantic, tolerating unknown fields also inside what callers handed in."""
        return super().model_validate(obj, **{"extra": "ignore", **options})


def _day(value: Any) -> Any:
    if isinstance(value, str):
        if _DAY.fullmatch(value) is None:
            raise ValueError("a day is written YYYY-MM-DD, without a time")
        value = date.fromisoformat(value)
    if type(value) is not date:
        raise ValueError("a day is written YYYY-MM-DD")
    if not EARLIEST <= value <= LATEST:
        raise ValueError(f"a day lies between {EARLIEST} and {LATEST}")
    return value


def _text(value: str) -> str:
    if _CONTROL.search(value):
        raise ValueError("control characters are not allowed; line breaks are")
    return value


def _line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise ValueError("one line, without line breaks or tabs")
    return _text(value)


def _email(value: str) -> str:
    if _EMAIL.fullmatch(value) is None:
        raise ValueError("an e-mail address such as name@example.org")
    return value


def _known(check: Callable[[str], object]) -> AfterValidator:
    """Refuses a code that the vocabulary does not know; the message names the code."""

    def known(code: str) -> str:
        check(code)
        return code

    return AfterValidator(known)


def term_code(kind: TermKind) -> AfterValidator:
    """The codes of one list of the vocabulary."""
    return _known(lambda code: vocabulary.term(kind, code))


def different(values: Sequence[T]) -> Sequence[T]:
    """The values, if none is named twice. ValueError otherwise."""
    seen: set[T] = set()
    twice = {str(value) for value in values if value in seen or seen.add(value)}  # type: ignore[func-returns-value]
    if twice:
        raise ValueError(f"named twice: {', '.join(sorted(twice))}")
    return values


Different = AfterValidator(different)
Line = AfterValidator(_line)
Paragraphs = AfterValidator(_text)
_trimmed = StringConstraints(strip_whitespace=True)

Day = Annotated[date, BeforeValidator(_day), Field(json_schema_extra={"format": "date"})]
Id = Annotated[str, StringConstraints(min_length=1, max_length=80), Line]
Name = Annotated[str, _trimmed, StringConstraints(min_length=1, max_length=100), Line]
Title = Annotated[str, _trimmed, StringConstraints(min_length=1, max_length=200), Line]
ShortText = Annotated[str, _trimmed, StringConstraints(max_length=500), Paragraphs]
MediumText = Annotated[str, _trimmed, StringConstraints(max_length=2000), Paragraphs]
LongText = Annotated[str, _trimmed, StringConstraints(max_length=5000), Paragraphs]
Reason = Annotated[str, _trimmed, StringConstraints(min_length=10, max_length=2000), Paragraphs]
Email = Annotated[str, _trimmed, StringConstraints(max_length=254), AfterValidator(_email)]
Phone = Annotated[str, _trimmed, StringConstraints(max_length=40, pattern=r"^[0-9+() ./-]*$")]
Website = Annotated[str, StringConstraints(max_length=300, pattern=r"^https?://[!-~]+$")]

_code = StringConstraints(max_length=40)
ThemeCode = Annotated[str, _code, _known(vocabulary.theme)]
CountryCode = Annotated[str, _code, _known(vocabulary.country)]
LanguageCode = Annotated[str, _code, _known(vocabulary.language)]
LevelCode = Annotated[str, _code, _known(vocabulary.level)]

TriangularInterest = Literal["none", "team", "institution"]
Mode = Literal["on_site", "remote", "hybrid"]


class Days(Given):
    """Whole days, both included."""

    first_day: Day
    last_day: Day

    @model_validator(mode="after")
    def _in_order(self) -> Days:
        if self.last_day < self.first_day:
            raise ValueError(f"last_day {self.last_day} lies before first_day {self.first_day}")
        return self

    @property
    def length(self) -> int:
        """Calendar days, both ends counted."""
        return (self.last_day - self.first_day).days + 1


class LanguageLevel(Given):
    """A language and how well: A1 to C2, or native."""

    language: LanguageCode
    level: LevelCode


def one_per_language(values: tuple[LanguageLevel, ...]) -> tuple[LanguageLevel, ...]:
    """The values, if every language is named once. ValueError otherwise."""
    different([value.language for value in values])
    return values


def words(text: str) -> int:
    """Words as separated by white space."""
    return len(text.split())


def missing(pointer: str, what: str) -> Fault:
    """The fault of something that is needed and was left out."""
    return Fault(pointer, f"{what} is missing", f"Give {what}.")


def together(faults: Iterable[Fault | None]) -> tuple[Fault, ...]:
    """Those that are faults."""
    return tuple(fault for fault in faults if fault is not None)
