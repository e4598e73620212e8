"""Numbers for people: references of requests (gaps allowed) and codes of actions (none within a year).

Both are counted in a document per series and year. A code must survive a crash between its allocation and its use
without a gap and without a second number for the same action. So a series remembers who holds its last number; before
the next number is given, the holder's own record of it is written. A series stays of constant size for ever.
"""

from __future__ import annotations

from services.registration.domain.values import Kept


class Series(Kept):
    """How far a series has counted, and who holds its last number."""

    last: int = 0
    holder: str | None = None


class Allocation(Kept):
    """The number one holder has in a series; written once."""

    series: str
    number: int


def series_id(kind: str, year: int) -> str:
    """The id of a year's series, for example `codes-2027`."""
    return f"{kind}-{year}"


def allocation_id(series: str, holder: str) -> str:
    """The id of a holder's number in a series."""
    return f"{series}:{holder}"


def take(series: Series | None, count: int) -> Series:
    """The series after `count` numbers more, held by nobody."""
    return Series(last=(series.last if series else 0) + count)


def give_next(series: Series | None, holder: str) -> Series:
    """The series after its next number went to `holder`."""
    return Series(last=(series.last if series else 0) + 1, holder=holder)


def reference(year: int, number: int) -> str:
    """REQ-YYYY-NNNN; more digits from 10,000 on."""
    return f"REQ-{year}-{number:04d}"


def action_code(year: int, number: int) -> str:
    """YYYY-NN; more digits from 100 on."""
    return f"{year}-{number:02d}"
