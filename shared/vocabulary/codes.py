"""Codes of the vocabulary as types of fields: a code that is not known is refused, and the message names it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from shared.vocabulary.geography import country, country_group, is_country
from shared.vocabulary.lists import TermKind, term
from shared.vocabulary.proficiency import language, level
from shared.vocabulary.table import UnknownCode
from shared.vocabulary.taxonomy import theme


def _known(check: Callable[[str], object]) -> AfterValidator:
    def known(code: str) -> str:
        check(code)
        return code

    return AfterValidator(known)


def term_code(kind: TermKind) -> AfterValidator:
    """The codes of one list of the vocabulary."""
    return _known(lambda code: term(kind, code))


def _place(code: str) -> None:
    if not is_country(code):
        try:
            country_group(code)
        except UnknownCode:
            raise UnknownCode("country or country_group", code) from None


_code = StringConstraints(max_length=40)
ThemeCode = Annotated[str, _code, _known(theme)]
CountryCode = Annotated[str, _code, _known(country)]
PlaceCode = Annotated[str, _code, _known(_place)]
"""A country, or a group of countries."""
LanguageCode = Annotated[str, _code, _known(language)]
LevelCode = Annotated[str, _code, _known(level)]
