"""Countries (ISO 3166-1 alpha-2, and XK) and the groups they belong to on a given day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from shared.vocabulary.table import Labels, UnknownCode, labels, rows

Mark = Literal["known", "assumed"]


@dataclass(frozen=True, slots=True)
class Country:
    """A country or territory; `note` is the text the EU puts under its name, where there is one."""

    code: str
    labels: Labels
    note: Labels | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A country's time in a group, both days included; None is open. `assumed`: the dates are not public."""

    group: str
    country: str
    valid_from: date | None
    valid_to: date | None
    mark: Mark

    def holds(self, on: date) -> bool:
        """Whether the country belongs to the group on that day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on <= self.valid_to)


@dataclass(frozen=True, slots=True)
class CountryGroup:
    """A group of countries and everybody who belongs or belonged to it."""

    code: str
    labels: Labels
    source: str
    memberships: tuple[Membership, ...]


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


@cache
def _countries() -> Mapping[str, Country]:
    return MappingProxyType(
        {
            row["code"]: Country(row["code"], labels(row), labels(row, "note_") if row["note_en"] else None)
            for row in rows("countries")
        }
    )


@cache
def _groups() -> Mapping[str, CountryGroup]:
    memberships = [
        Membership(
            group=row["group"],
            country=row["country"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            mark=cast("Mark", row["mark"]),
        )
        for row in rows("country_group_members")
    ]
    return MappingProxyType(
        {
            row["code"]: CountryGroup(
                code=row["code"],
                labels=labels(row),
                source=row["source"],
                memberships=tuple(entry for entry in memberships if entry.group == row["code"]),
            )
            for row in rows("country_groups")
        }
    )


@cache
def _of_country(code: str) -> tuple[Membership, ...]:
    country(code)
    return tuple(entry for group in _groups().values() for entry in group.memberships if entry.country == code)


def countries() -> tuple[Country, ...]:
    """All countries, by code."""
    return tuple(_countries().values())


def country(code: str) -> Country:
    """The country with this code. Raises UnknownCode (Greece is GR, not EL)."""
    try:
        return _countries()[code]
    except KeyError:
        raise UnknownCode("country", code) from None


def is_country(code: str) -> bool:
    """Whether this is a code of ISO 3166-1 alpha-2, or XK."""
    return code in _countries()


def country_groups() -> tuple[CountryGroup, ...]:
    """All groups, with their members and dates."""
    return tuple(_groups().values())


def country_group(code: str) -> CountryGroup:
    """The group with this code. Raises UnknownCode."""
    try:
        return _groups()[code]
    except KeyError:
        raise UnknownCode("country_group", code) from None


def groups_of(country_code: str, on: date) -> tuple[str, ...]:
    """The groups the country belongs to on that day. Raises UnknownCode."""
    return tuple(entry.group for entry in _of_country(country_code) if entry.holds(on))


def in_group(country_code: str, group: str, on: date) -> bool:
    """Whether the country belongs to the group on that day. Raises UnknownCode for either."""
    country_group(group)
    return group in groups_of(country_code, on)


def members(group: str, on: date) -> tuple[str, ...]:
    """The countries of the group on that day, by code. Raises UnknownCode."""
    return tuple(entry.country for entry in country_group(group).memberships if entry.holds(on))
