"""Status machines as tables: what may happen in which state, and what it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from shared.errors import Refused

S = TypeVar("S", bound=str)
A = TypeVar("A", bound=str)

Table = Mapping[tuple[S, A], S]


def after(table: Table[S, A], thing: str, status: S, action: A) -> S:
    """The status after `action`. Refused where the table has no such row; the mend says where it is possible."""
    found = table.get((status, action))
    if found is None:
        possible = sorted({frm for frm, act in table if act == action})
        raise Refused(
            f"{thing} is {_said(status)}; {_said(action)} is not possible now",
            mend=f"Possible only while it is {' or '.join(_said(p) for p in possible)}.",
        )
    return found


def _said(code: str) -> str:
    return code.replace("_", " ")
