"""Languages (ISO 639-1) and how well somebody speaks one (CEFR, and native)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from shared.vocabulary.table import Labels, UnknownCode, labels, rows


@dataclass(frozen=True, slots=True)
class Language:
    """A language the facility works in."""

    code: str
    eu_official: bool
    labels: Labels


@dataclass(frozen=True, slots=True)
class Level:
    """A CEFR level or native; a higher rank includes the lower ones."""

    code: str
    rank: int
    labels: Labels


@cache
def _languages() -> Mapping[str, Language]:
    return MappingProxyType(
        {row["code"]: Language(row["code"], row["status"] == "eu_official", labels(row)) for row in rows("languages")}
    )


@cache
def _levels() -> Mapping[str, Level]:
    return MappingProxyType({row["code"]: Level(row["code"], int(row["rank"]), labels(row)) for row in rows("levels")})


def languages() -> tuple[Language, ...]:
    """All languages: the official ones of the EU first, then further working languages."""
    return tuple(_languages().values())


def language(code: str) -> Language:
    """The language with this code. Raises UnknownCode."""
    try:
        return _languages()[code]
    except KeyError:
        raise UnknownCode("language", code) from None


def is_language(code: str) -> bool:
    """Whether the facility knows this language."""
    return code in _languages()


def levels() -> tuple[Level, ...]:
    """All levels, lowest first."""
    return tuple(_levels().values())


def level(code: str) -> Level:
    """The level with this code (A1 … C2, native). Raises UnknownCode."""
    try:
        return _levels()[code]
    except KeyError:
        raise UnknownCode("level", code) from None


def is_level(code: str) -> bool:
    """Whether this is A1 … C2 or native."""
    return code in _levels()


def level_rank(code: str) -> int:
    """1 for A1 up to 6 for C2, 7 for native. Raises UnknownCode."""
    return level(code).rank


def at_least(held: str, required: str) -> bool:
    """Whether the level held suffices for the one required. Raises UnknownCode for either."""
    return level_rank(held) >= level_rank(required)
