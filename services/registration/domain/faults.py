"""How rules collect what is wrong: a fault per place, and all of them in one refusal."""

from __future__ import annotations

from collections.abc import Iterable

from shared.errors import Fault


def missing(pointer: str, what: str) -> Fault:
    """The fault of something that is needed and was left out; `what` may be plural (the objectives)."""
    return Fault(pointer, f"{what} {'are' if what.endswith('s') else 'is'} missing", f"Give {what}.")


def together(faults: Iterable[Fault | None]) -> tuple[Fault, ...]:
    """Those that are faults."""
    return tuple(fault for fault in faults if fault is not None)
