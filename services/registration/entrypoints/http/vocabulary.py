"""The codes of the interface, with labels in English, French and Spanish. Public."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel

from shared import vocabulary
from shared.errors import Fault, Invalid
from shared.runtime.http.answers import shows
from shared.vocabulary import OWN_SCHEME, Labels, TermKind


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
    mark: str


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


_LABELS = {"en": "Old age", "fr": "Vieillesse", "es": "Vejez"}
THEME = {"scheme": "entente", "code": "A01", "parent": "A", "labels": _LABELS, "maps_to": []}
LANGUAGE = {"code": "fr", "eu_official": True, "labels": {"en": "French", "fr": "français", "es": "francés"}}
LEVEL = {"code": "B2", "rank": 4, "labels": {"en": "B2", "fr": "B2", "es": "B2"}}
COUNTRY = {"code": "NG", "labels": {"en": "Nigeria", "fr": "Nigeria", "es": "Nigeria"}, "note": None}
COUNTRY_GROUP = {
    "code": "EU27",
    "labels": {"en": "European Union", "fr": "Union européenne", "es": "Unión Europea"},
    "source": "treaties of accession",
    "members": [{"country": "HR", "valid_from": "2013-07-01", "valid_to": None, "mark": ""}],
}
TERM = {"kind": "format", "code": "remote", "labels": {"en": "Remote", "fr": "À distance", "es": "A distancia"}}
"""Samples for the interface's documentation."""


def vocabulary_lists() -> APIRouter:
    """Routes under /vocabulary."""
    router = APIRouter(prefix="/vocabulary", tags=["vocabulary"])

    @router.get(
        "/themes",
        summary="Themes and sub-themes",
        description="In two levels. Codes of another scheme say which of ours they are mapped to.",
        responses=shows([THEME], etag=False),
    )
    async def themes(
        scheme: Annotated[str, Query(max_length=40, description="our own, or one mapped to it")] = OWN_SCHEME,
    ) -> list[ThemeView]:
        if scheme not in vocabulary.schemes():
            known = ", ".join(vocabulary.schemes())
            fault = Fault("query:scheme", f"there is no scheme {scheme}", f"Use one of: {known}.")
            raise Invalid(fault.detail, mend=fault.mend, faults=(fault,))
        return [
            ThemeView(scheme=t.scheme, code=t.code, parent=t.parent, labels=_labels(t.labels), maps_to=list(t.maps_to))
            for t in vocabulary.themes(scheme)
        ]

    @router.get(
        "/languages",
        summary="Languages and levels",
        description="ISO 639-1, and the levels of the CEFR with `native` above them.",
        responses=shows({"languages": [LANGUAGE], "levels": [LEVEL]}, etag=False),
    )
    async def languages() -> LanguagesView:
        return LanguagesView(
            languages=[
                LanguageView(code=item.code, eu_official=item.eu_official, labels=_labels(item.labels))
                for item in vocabulary.languages()
            ],
            levels=[
                LevelView(code=item.code, rank=item.rank, labels=_labels(item.labels)) for item in vocabulary.levels()
            ],
        )

    @router.get(
        "/countries",
        summary="Countries and territories",
        description="ISO 3166-1 alpha-2 in capitals, and XK; by code.",
        responses=shows([COUNTRY], etag=False),
    )
    async def countries() -> list[CountryView]:
        return [
            CountryView(code=c.code, labels=_labels(c.labels), note=None if c.note is None else _labels(c.note))
            for c in vocabulary.countries()
        ]

    @router.get(
        "/country-groups",
        summary="Country groups with their members and dates",
        description="Membership changes with time: a country counts on the days from `valid_from` to `valid_to`.",
        responses=shows([COUNTRY_GROUP], etag=False),
    )
    async def country_groups() -> list[CountryGroupView]:
        return [
            CountryGroupView(
                code=group.code,
                labels=_labels(group.labels),
                source=group.source,
                members=[
                    MemberView(country=m.country, valid_from=m.valid_from, valid_to=m.valid_to, mark=m.mark)
                    for m in group.memberships
                ],
            )
            for group in vocabulary.country_groups()
        ]

    @router.get(
        "/lists/{kind}",
        summary="One of the shorter lists, such as format or institution_type",
        description="Every entry with its code and labels.",
        responses=shows([TERM], etag=False),
    )
    async def one_list(kind: Annotated[TermKind, Path(description="which list")]) -> list[TermView]:
        return [TermView(kind=t.kind, code=t.code, labels=_labels(t.labels)) for t in vocabulary.terms(kind)]

    return router


def _labels(labels: Labels) -> LabelsView:
    return LabelsView(en=labels.en, fr=labels.fr, es=labels.es)
