"""How rules collect what is wrong: a fault per place, and all of them in one refusal."""

from __future__ import annotations

from collections.abc import Iterable

from shared.errors import Fault
from shared.given import Days


def missing(pointer: str, what: str) -> Fault:
    """The fault of something that is needed and was left out; `what` may be plural (the objectives)."""
    return Fault(pointer, f"{what} {'are' if what.endswith('s') else 'is'} missing", f"Give {what}.")


def together(faults: Iterable[Fault | None]) -> tuple[Fault, ...]:
    """Those that are faults."""
    return tuple(fault for fault in faults if fault is not None)


def too_long(pointer: str, days: Days, most: int) -> Fault | None:
    """The fault of a period of more than `most` calendar days, or None."""
    if days.length <= most:
        return None
    said = f"from {days.first_day} to {days.last_day} are {days.length} days; at most {most}"
    return Fault(pointer, said, "Give days that lie closer together, and look whether a year is mistyped.")
