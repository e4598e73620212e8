"""Whose clock differs from this machine's."""

from __future__ import annotations

from datetime import datetime, timedelta

from deploy.terminal.looks.finding import Finding, State

ALLOWED = timedelta(seconds=2)
"""An HTTP date tells whole seconds, and one may have passed while it was asked. Offers lapse and tokens end by the
clock of whichever replica looks, so a replica that is off gives somebody less time, or more, than was promised."""


def off_by(told: datetime, asked: datetime, answered: datetime, resolution: timedelta) -> timedelta:
    """How far a clock is from this one at least, ahead (positive) or behind; zero where the answer fits."""
    if told > answered:
        return told - answered
    if told + resolution < asked:
        return told + resolution - asked
    return timedelta()


def judged(who: str, off: timedelta) -> Finding:
    """The finding about one clock."""
    if abs(off) <= ALLOWED:
        return Finding("clock", State.OK, f"{who} agrees with this machine's within {ALLOWED.total_seconds():g} s")
    way = "ahead of" if off > timedelta() else "behind"
    return Finding(
        "clock",
        State.WRONG,
        f"{who} is {abs(off).total_seconds():.1f} s {way} this machine's",
        "set both by the same time server (timedatectl, chronyc tracking); where this machine is the one that is off, "
        "all others agree among themselves",
    )
