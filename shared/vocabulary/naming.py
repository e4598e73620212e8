"""What to call a code in somebody's language, whatever list it belongs to."""

from __future__ import annotations

from typing import Literal

from shared.vocabulary.geography import country, country_group
from shared.vocabulary.lists import TermKind, term
from shared.vocabulary.proficiency import language as language_of
from shared.vocabulary.proficiency import level
from shared.vocabulary.table import Labels
from shared.vocabulary.taxonomy import theme

LabelKind = Literal["theme", "language", "level", "country", "country_group"] | TermKind


def label(kind: LabelKind, code: str, language: str = "en") -> str:
    """The name of `code` in `language` (en, fr, es; English for every other). Raises UnknownCode.

    A theme of another scheme is written `scheme/code`, for example `socieux-plus/E15`.
    """
    return _labels(kind, code).say(language)


def _labels(kind: LabelKind, code: str) -> Labels:
    match kind:
        case "theme":
            scheme, _, local = code.rpartition("/")
            return theme(local, scheme).labels if scheme else theme(code).labels
        case "language":
            return language_of(code).labels
        case "level":
            return level(code).labels
        case "country":
            return country(code).labels
        case "country_group":
            return country_group(code).labels
        case _:
            return term(kind, code).labels
