"""Refusals a caller can understand: what was refused, where in the input, and how to mend it.

Raised by domain and application code; the HTTP entrypoint turns each into an RFC 9457 problem.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in the input: a JSON pointer to the place, what is wrong there and how to mend it."""

    pointer: str
    detail: str
    mend: str


class Unfit(ValueError):
    """A value that breaks a rule, and how to mend it. A ValueError, so that a pydantic validator turns it into a fault
    of the input."""

    def __init__(self, detail: str, mend: str) -> None:
        super().__init__(detail)
        self.mend = mend


class Problem(Exception):
    """A refusal. Nothing has been changed when it is raised."""

    status = 400
    kind = "refused"
    title = "The request was refused"

    def __init__(self, detail: str, *, mend: str = "", faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.mend = mend
        self.faults = faults


class CannotRun(Exception):
    """What surrounds this process is not as it must be, and waiting mends nothing: the process says so and ends.

    `lines` say what is wrong and the command that mends it.
    """

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


class Malformed(Problem):
    """The input could not be read at all."""

    status, kind, title = 400, "malformed", "The input cannot be read"


class Unauthenticated(Problem):
    """No token, or one that cannot be trusted."""

    status, kind, title = 401, "unauthenticated", "Sign in first"


class Forbidden(Problem):
    """The caller is known and may not do this."""

    status, kind, title = 403, "forbidden", "Not allowed for this role"


def unbound(whose: str) -> Forbidden:
    """The refusal of a list to a token that names nobody whose list it could be: `whose` is `institution` or `expert`.
    An empty list would read as if there were nothing yet."""
    return Forbidden(
        f"your token names no {whose}",
        mend=f"Ask for one with the claim {whose}_id; whoever is not registered yet registers first.",
    )


class NotFound(Problem):
    """No such object, or none that this caller may see."""

    status, kind, title = 404, "not-found", "Not found"


LOOK_AT_LISTS = "Check the id; lists show what you may see."


def no_such(what: str, id_: str, *, mend: str = LOOK_AT_LISTS) -> NotFound:
    """The refusal of an id that leads to nothing the caller may see. `what` may be plural (terms of reference)."""
    several = what.split(" ")[0].endswith("s")
    return NotFound(f"there {'are' if several else 'is'} no {what} {id_}", mend=mend)


class Refused(Problem):
    """The object's state does not allow this now."""

    status, kind, title = 409, "conflict", "Not possible in this state"


class StaleVersion(Problem):
    """The object changed since the caller read it."""

    status, kind, title = 412, "stale-version", "The object has changed meanwhile"


class TooLarge(Problem):
    """The body is over the limit of its route."""

    status, kind, title = 413, "too-large", "The body is too large"


class Invalid(Problem):
    """The input was read and breaks a rule."""

    status, kind, title = 422, "invalid", "The input breaks a rule"


def invalid(*faults: Fault, more: int = 0) -> Invalid:
    """The refusal of an input with these faults, at least one: it tells the first, and how many others there are.
    `more` were found and are not listed."""
    first, others = faults[0], len(faults) - 1 + more
    told = f"{first.pointer or 'the body'}: {first.detail}" + (f" (and {others} more)" if others else "")
    mend = "Mend each of the faults and send it again." if others else first.mend
    return Invalid(told, mend=mend, faults=faults)


def given_twice(pointer: str) -> Fault:
    """The fault of a parameter or header that stands more than once: nobody knows which one was meant."""
    return Fault(pointer, "it is given more than once", "Give it once.")


class PreconditionRequired(Problem):
    """An edit must say which version it edits."""

    status, kind, title = 428, "precondition-required", "Say which version you edit"


class TooMany(Problem):
    """More than is taken within a time; `again_after` says when to come back."""

    status, kind, title = 429, "too-many", "Too many within this time"

    def __init__(self, detail: str, *, again_after: timedelta, mend: str = "") -> None:
        super().__init__(detail, mend=mend)
        self.again_after = again_after


class Away(Problem):
    """Something this service needs is away for the moment; repeating the call later is safe."""

    status, kind, title = 503, "away", "Temporarily not available"
