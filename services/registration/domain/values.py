"""The values registration's aggregates are made of: bounded texts, what is stored, languages with levels."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, ValidationInfo

from services.registration.domain.policy import REASON_LEAST
from shared.errors import Unfit
from shared.given import Given, different
from shared.vocabulary.codes import STORED, LanguageCode, LevelCode

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_EMAIL = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?\.)+[A-Za-z]{{2,63}}"
)
"""A dot-atom (RFC 5322 §3.2.3) of at most 64 characters at a domain name: no mail server takes a dot at either end or
two in a row, so an address with one would be recorded and never reached."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")


class Kept(BaseModel):
    """What is stored. A field this version does not know is passed over, at any depth: while a deployment rolls,
    old replicas read what new ones wrote. Addresses and codes are taken as they were accepted: the next edit asks for
    good ones. Where it cannot be read, the error's text quotes none of it."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """As of pydantic, taking unknown fields, codes and addresses of before also inside what callers handed in."""
        return super().model_validate(obj, **{"extra": "ignore", "context": STORED, **options})


def _text(value: str) -> str:
    if _CONTROL.search(value):
        raise Unfit("control characters are not allowed; line breaks are", "Remove them.")
    return value


def _line(value: str) -> str:
    if "\n" in value or "\t" in value:
        raise Unfit("one line, without line breaks or tabs", "Write it in one line.")
    return _text(value)


def _email(value: str, info: ValidationInfo) -> str:
    if info.context != STORED and _EMAIL.fullmatch(value) is None:
        said = "this is not an e-mail address; dots stand one at a time, between other characters"
        raise Unfit(said, "Give an address such as name@example.org.")
    return value


Line = AfterValidator(_line)
Paragraphs = AfterValidator(_text)
_trimmed = StringConstraints(strip_whitespace=True)

Id = Annotated[str, StringConstraints(min_length=1, max_length=80), Line]
Name = Annotated[str, _trimmed, StringConstraints(min_length=1, max_length=100), Line]
Title = Annotated[str, _trimmed, StringConstraints(min_length=1, max_length=200), Line]
ShortText = Annotated[str, _trimmed, StringConstraints(max_length=500), Paragraphs]
MediumText = Annotated[str, _trimmed, StringConstraints(max_length=2000), Paragraphs]
LongText = Annotated[str, _trimmed, StringConstraints(max_length=5000), Paragraphs]
Reason = Annotated[str, _trimmed, StringConstraints(min_length=REASON_LEAST, max_length=2000), Paragraphs]
Email = Annotated[str, _trimmed, StringConstraints(max_length=254), AfterValidator(_email)]
Phone = Annotated[str, _trimmed, StringConstraints(max_length=40, pattern=r"^[0-9+() ./-]*$")]
Website = Annotated[str, StringConstraints(max_length=300, pattern=r"^https?://[!-~]+$")]

TriangularInterest = Literal["none", "team", "institution"]


class LanguageLevel(Given):
    """A language and how well: A1 to C2, or native."""

    language: LanguageCode
    level: LevelCode


def one_per_language(values: tuple[LanguageLevel, ...]) -> tuple[LanguageLevel, ...]:
    """The values, if every language is named once. Unfit otherwise."""
    different([value.language for value in values])
    return values


def words(text: str) -> int:
    """Words as separated by white space."""
    return len(text.split())
