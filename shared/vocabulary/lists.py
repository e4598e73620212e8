"""The shorter lists: markers, SDGs, target groups, types of assistance, types of institution, reasons to decline, …"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, get_args

from shared.vocabulary.table import Labels, UnknownCode, labels, rows

TermKind = Literal[
    "marker",
    "sdg",
    "target_group",
    "assistance_type",
    "institution_type",
    "institution_level",
    "expert_category",
    "format",
    "mode",
    "decline_reason",
    "origin_rule",
    "triangular_interest",
    "component",
    "urgency",
    "channel",
    "method_skill",
]
TERM_KINDS: tuple[TermKind, ...] = get_args(TermKind)


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list."""

    kind: str
    code: str
    labels: Labels


@cache
def _by_kind(kind: str) -> Mapping[str, Term]:
    if kind == "institution_type":
        found = rows("institution_types")
    else:
        found = tuple(row for row in rows("terms") if row["kind"] == kind)
    if not found:
        raise UnknownCode("kind", kind)
    return MappingProxyType({row["code"]: Term(kind, row["code"], labels(row)) for row in found})


def terms(kind: TermKind) -> tuple[Term, ...]:
    """All entries of a list, in its order."""
    return tuple(_by_kind(kind).values())


def term(kind: TermKind, code: str) -> Term:
    """The entry with this code. Raises UnknownCode."""
    try:
        return _by_kind(kind)[code]
    except KeyError:
        raise UnknownCode(kind, code) from None


def is_term(kind: TermKind, code: str) -> bool:
    """Whether the list has this code."""
    return code in _by_kind(kind)


def eligible_by_default(institution_type: str) -> bool:
    """Whether bodies of this type may ask without an officer's override (default, no public source).

    Raises UnknownCode.
    """
    term("institution_type", institution_type)
    return any(
        row["code"] == institution_type and row["eligible_by_default"] == "yes" for row in rows("institution_types")
    )
