"""How near two theme codes are: the same sub-theme, a neighbour inside the same theme, or neither.

A sub-theme code is a letter and two digits ("A01"); its letter alone is the theme ("A"). The codes alone say so: a
profile or a request may name one that the vocabulary of this release does not know.
"""

from __future__ import annotations

from enum import Enum


class Nearness(Enum):
    """How near a theme held is to one asked for."""

    EXACT = "exact"
    ADJACENT = "adjacent"
    APART = "apart"


def theme_of(code: str) -> str:
    """The theme a sub-theme belongs to: "A01" and "A" both give "A"."""
    return code[:1]


def nearness(asked: str, held: str) -> Nearness:
    """EXACT for the same code, ADJACENT for another code of the same theme, else APART.

    A whole theme asked for ("A") is met by every sub-theme of it, as a neighbour.
    """
    if asked == held:
        return Nearness.EXACT
    return Nearness.ADJACENT if theme_of(asked) == theme_of(held) else Nearness.APART
