"""The codes of the interface, with labels in English, French and Spanish. Public."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from shared import vocabulary
from shared.errors import Fault, Invalid
from shared.runtime.http.answers import shows
from shared.vocabulary import OWN_SCHEME, Country, CountryGroup, Labels, Term, TermKind, Theme


class LabelsView(BaseModel):
    """A name in three languages."""

    en: str
    fr: str
    es: str


class ThemeView(BaseModel):
    """A theme (`parent` null) or a sub-theme; `maps_to` names themes of our scheme for a code of another one."""

    scheme: str
    code: str
    parent: str | None
    labels: LabelsView
    maps_to: list[str]


class LevelView(BaseModel):
    """How well a language is known; a higher rank includes the lower ones."""

    code: str
    rank: int
    labels: LabelsView


class LanguageView(BaseModel):
    """A language."""

    code: str
    eu_official: bool
    labels: LabelsView


class LanguagesView(BaseModel):
    """Languages and levels."""

    languages: list[LanguageView]
    levels: list[LevelView]


class CountryView(BaseModel):
    """A country or territory; `note` is the text the EU puts under its name, where there is one."""

    code: str
    labels: LabelsView
    note: LabelsView | None


class MemberView(BaseModel):
    """A country's time in a group, both days included; null is open."""

    country: str
    valid_from: date | None
    valid_to: date | None
    mark: str = Field(description="known, or assumed where the dates are not public")


class CountryGroupView(BaseModel):
    """A group of countries; membership changes with time."""

    code: str
    labels: LabelsView
    source: str
    members: list[MemberView]


class TermView(BaseModel):
    """An entry of one of the shorter lists."""

    kind: str
    code: str
    labels: LabelsView


def vocabulary_lists() -> APIRouter:
    """Routes under /vocabulary."""
    router = APIRouter(prefix="/vocabulary", tags=["vocabulary"])

    @router.get(
        "/themes",
        summary="Themes and sub-themes",
        description="In two levels. Codes of another scheme say which of ours they are mapped to.",
        responses=_one_of(map(_theme, vocabulary.themes(OWN_SCHEME)), "A01"),
    )
    async def themes(
        scheme: Annotated[str, Query(max_length=40, description="our own, or one mapped to it")] = OWN_SCHEME,
    ) -> list[ThemeView]:
        if scheme not in vocabulary.schemes():
            known = ", ".join(vocabulary.schemes())
            fault = Fault("query:scheme", f"there is no scheme {scheme}", f"Use one of: {known}.")
            raise Invalid(fault.detail, mend=fault.mend, faults=(fault,))
        return [_theme(theme) for theme in vocabulary.themes(scheme)]

    @router.get(
        "/languages",
        summary="Languages and levels",
        description="ISO 639-1, and the levels of the CEFR with `native` above them.",
        responses=shows(_languages("fr", "B2").model_dump(mode="json"), etag=False),
    )
    async def languages() -> LanguagesView:
        return _languages()

    @router.get(
        "/countries",
        summary="Countries and territories",
        description="ISO 3166-1 alpha-2 in capitals, and XK; by code.",
        responses=_one_of(map(_country, vocabulary.countries()), "NG"),
    )
    async def countries() -> list[CountryView]:
        return [_country(country) for country in vocabulary.countries()]

    @router.get(
        "/country-groups",
        summary="Country groups with their members and dates",
        description="Membership changes with time: a country counts on the days from `valid_from` to `valid_to`.",
        responses=_one_of(map(_group, vocabulary.country_groups()), "NEIGH_EAST"),
    )
    async def country_groups() -> list[CountryGroupView]:
        return [_group(group) for group in vocabulary.country_groups()]

    @router.get(
        "/lists/{kind}",
        summary="One of the shorter lists, such as format or institution_type",
        description="Every entry with its code and labels.",
        responses=_one_of(map(_term, vocabulary.terms("format")), "remote_support"),
    )
    async def one_list(kind: Annotated[TermKind, Path(description="which list")]) -> list[TermView]:
        return [_term(term) for term in vocabulary.terms(kind)]

    return router


def _labels(labels: Labels) -> LabelsView:
    return LabelsView(en=labels.en, fr=labels.fr, es=labels.es)


def _theme(theme: Theme) -> ThemeView:
    labels, maps_to = _labels(theme.labels), list(theme.maps_to)
    return ThemeView(scheme=theme.scheme, code=theme.code, parent=theme.parent, labels=labels, maps_to=maps_to)


def _languages(language: str | None = None, level: str | None = None) -> LanguagesView:
    """All of them, or the one language and the one level."""
    return LanguagesView(
        languages=[
            LanguageView(code=item.code, eu_official=item.eu_official, labels=_labels(item.labels))
            for item in vocabulary.languages()
            if language in (None, item.code)
        ],
        levels=[
            LevelView(code=item.code, rank=item.rank, labels=_labels(item.labels))
            for item in vocabulary.levels()
            if level in (None, item.code)
        ],
    )


def _country(country: Country) -> CountryView:
    note = None if country.note is None else _labels(country.note)
    return CountryView(code=country.code, labels=_labels(country.labels), note=note)


def _group(group: CountryGroup) -> CountryGroupView:
    return CountryGroupView(
        code=group.code,
        labels=_labels(group.labels),
        source=group.source,
        members=[
            MemberView(country=m.country, valid_from=m.valid_from, valid_to=m.valid_to, mark=m.mark)
            for m in group.memberships
        ],
    )


def _term(term: Term) -> TermView:
    return TermView(kind=term.kind, code=term.code, labels=_labels(term.labels))


def _one_of(
    views: Iterable[ThemeView | CountryView | CountryGroupView | TermView], code: str
) -> dict[int | str, dict[str, Any]]:
    """Documents a list by one entry that is in it."""
    return shows([view.model_dump(mode="json") for view in views if view.code == code], etag=False)
