"""How near two theme codes are: the same sub-theme, a neighbour inside the same theme, or neither.

A sub-theme code is a letter and two digits ("A01"); its letter alone is the theme ("A").
"""

from __future__ import annotations

EXACT = 1000
ADJACENT = 500
APART = 0


def theme_of(code: str) -> str:
    """The theme a sub-theme belongs to: "A01" and "A" both give "A"."""
    return code[:1]


def nearness(asked: str, held: str) -> int:
    """EXACT for the same code, ADJACENT for another code of the same theme, else APART.

    A whole theme asked for ("A") is met by every sub-theme of it, as a neighbour.
    """
    if asked == held:
        return EXACT
    return ADJACENT if asked[:1] == held[:1] else APART
