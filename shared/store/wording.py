"""An exception in words that may be logged, parked and shown: never what it quotes of a document.

The database driver and the validators repeat what they refuse, and documents hold people's names and addresses.
"""

from __future__ import annotations

import traceback
from textwrap import indent

from bson.errors import BSONError
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from shared.store.reaching import told

ERROR_LENGTH = 500
_CAUSE = "\nThe above exception was the direct cause of the following exception:\n"
_CONTEXT = "\nDuring handling of the above exception, another exception occurred:\n"


def worded(error: BaseException | None) -> str:
    """An exception in up to 500 characters: its name and words; of the driver's its codes, of a validation error its
    places and rules."""
    if error is None:
        return ""
    if isinstance(error, PyMongoError | BSONError):
        words = told(error)
    else:
        words = explained(error) if isinstance(error, ValidationError) else str(error)
    return f"{type(error).__name__}: {words}"[:ERROR_LENGTH]


def explained(error: ValidationError, most: int = 5) -> str:
    """The first faults as place and rule; the values are left out, they may be about people."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    said = [f"{'/'.join(str(part) for part in fault['loc'])}: {fault['type']}" for fault in faults[:most]]
    return "; ".join(said) + (f"; and {len(faults) - most} more" if len(faults) > most else "")


def traced(error: BaseException) -> str:
    """The tracebacks of an exception and of those it came from, in the interpreter's order and form, but each
    exception as `worded` tells it; without local variables."""
    said: list[str] = []
    link: BaseException | None = error
    while link is not None:
        said.append(_alone(link))
        if link.__cause__ is not None:
            said.append(_CAUSE)
            link = link.__cause__
        elif link.__context__ is not None and not link.__suppress_context__:
            said.append(_CONTEXT)
            link = link.__context__
        else:
            link = None
    return "\n".join(reversed(said))


def _alone(error: BaseException) -> str:
    frames = "".join(traceback.format_tb(error.__traceback__))
    said = f"Traceback (most recent call last):\n{frames}{worded(error)}"
    if isinstance(error, BaseExceptionGroup):
        said += "".join(f"\n{indent(traced(inner), '    ')}" for inner in error.exceptions)
    return said
