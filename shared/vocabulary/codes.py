"""Codes of the vocabulary as types of fields: a code that is not known is refused, and the message names it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, StringConstraints, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from shared.vocabulary.geography import country, country_group, is_country
from shared.vocabulary.lists import TERM_KINDS, TermKind, term
from shared.vocabulary.proficiency import language, level
from shared.vocabulary.table import UnknownCode
from shared.vocabulary.taxonomy import theme

STORED = {"stored": True}
"""Context of a validation of what is stored: it was accepted once, by the rules and the vocabulary of its day, which
may be those of a later release that this one has replaced or that runs beside it."""

_PLACE = "country or country_group"
_LISTED: dict[str, str] = {
    "theme": "see GET /vocabulary/themes",
    "language": "ISO 639-1, see GET /vocabulary/languages",
    "level": "see GET /vocabulary/languages",
    "country": "ISO 3166-1 alpha-2 in capitals, see GET /vocabulary/countries of registration",
    "country_group": "see GET /vocabulary/country-groups of registration",
    _PLACE: "see GET /vocabulary/countries and /vocabulary/country-groups of registration",
    **{kind: f"see GET /vocabulary/lists/{kind}" for kind in TERM_KINDS},
}


def listed(kind: str) -> str:
    """Where a caller finds the codes of this kind: the route, or the standard. Empty for one that is not listed."""
    return _LISTED.get(kind, "")


@dataclass(frozen=True, slots=True)
class Known:
    """Metadata of a text field: refuses what `check` does not know, but for what is STORED, and says in the schema
    where the codes are."""

    kind: str
    check: Callable[[str], object]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"description": f"a code: {listed(self.kind)}", **handler(schema)}

    def _known(self, code: str, info: ValidationInfo) -> str:
        if info.context != STORED:
            self.check(code)
        return code


def term_code(kind: TermKind) -> Known:
    """The codes of one list of the vocabulary."""
    return Known(kind, lambda code: term(kind, code))


def _place(code: str) -> None:
    if not is_country(code):
        try:
            country_group(code)
        except UnknownCode:
            raise UnknownCode(_PLACE, code) from None


_code = StringConstraints(max_length=40)
ThemeCode = Annotated[str, _code, Known("theme", theme)]
CountryCode = Annotated[str, _code, Known("country", country)]
PlaceCode = Annotated[str, _code, Known(_PLACE, _place)]
"""A country, or a group of countries."""
LanguageCode = Annotated[str, _code, Known("language", language)]
LevelCode = Annotated[str, _code, Known("level", level)]
InstitutionTypeCode = Annotated[str, _code, term_code("institution_type")]
CategoryCode = Annotated[str, _code, term_code("expert_category")]
