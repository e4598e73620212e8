"""Themes in two levels. Functions that navigate return codes of our own scheme; other schemes are mapped to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from shared.vocabulary.table import Labels, UnknownCode, labels, rows

OWN_SCHEME = "entente-2026"


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme (`parent` is None) or sub-theme; `maps_to` is empty in our own scheme."""

    scheme: str
    code: str
    parent: str | None
    labels: Labels
    maps_to: tuple[str, ...]


@cache
def _by_code(scheme: str) -> Mapping[str, Theme]:
    found = {
        row["code"]: Theme(
            scheme=scheme,
            code=row["code"],
            parent=row["parent"] or None,
            labels=labels(row),
            maps_to=tuple(row["maps_to"].split()),
        )
        for row in rows("themes")
        if row["scheme"] == scheme
    }
    if not found:
        raise UnknownCode("theme_scheme", scheme)
    return MappingProxyType(found)


@cache
def schemes() -> tuple[str, ...]:
    """All schemes, our own first."""
    return tuple(dict.fromkeys(row["scheme"] for row in rows("themes")))


def themes(scheme: str = OWN_SCHEME) -> tuple[Theme, ...]:
    """Every theme and sub-theme of a scheme, in its order. Raises UnknownCode for an unknown scheme."""
    return tuple(_by_code(scheme).values())


def theme(code: str, scheme: str = OWN_SCHEME) -> Theme:
    """The theme or sub-theme with this code. Raises UnknownCode."""
    try:
        return _by_code(scheme)[code]
    except KeyError:
        raise UnknownCode("theme", code) from None


def is_theme(code: str, scheme: str = OWN_SCHEME) -> bool:
    """Whether a theme or sub-theme has this code."""
    return code in _by_code(scheme)


def is_sub_theme(code: str) -> bool:
    """Whether the code is one of the second level of our scheme."""
    found = _by_code(OWN_SCHEME).get(code)
    return found is not None and found.parent is not None


def parent_theme(code: str) -> str | None:
    """The theme above a sub-theme; None for a theme of the first level. Raises UnknownCode."""
    return theme(code).parent


@cache
def sub_themes(code: str) -> tuple[str, ...]:
    """The sub-themes of a first-level theme; empty for a sub-theme. Raises UnknownCode."""
    theme(code)
    return tuple(entry.code for entry in themes() if entry.parent == code)


@cache
def adjacent(code: str) -> tuple[str, ...]:
    """The other sub-themes under the same theme; empty for a theme of the first level. Raises UnknownCode."""
    parent = parent_theme(code)
    return () if parent is None else tuple(other for other in sub_themes(parent) if other != code)


def mapped(scheme: str, code: str) -> tuple[str, ...]:
    """The nearest themes of our scheme for a code of another; a code of ours maps to itself.

    Raises UnknownCode.
    """
    found = theme(code, scheme)
    return (found.code,) if scheme == OWN_SCHEME else found.maps_to
