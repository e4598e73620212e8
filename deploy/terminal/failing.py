"""How a command ends: one clear line and an exit code, never a traceback."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from enum import IntEnum
from typing import Any, NoReturn, TypeVar

from deploy.plain import plain, plain_lines
from shared.errors import Away, Problem

T = TypeVar("T")


class Exit(IntEnum):
    """What an exit code says. Scripts may rely on it."""

    OK = 0
    FOUND = 1
    """The command worked, and what it looked at is not in order."""
    USAGE = 2
    """The command line, a setting or a file named in it is wrong; nothing was done."""
    AWAY = 3
    """Something that was needed did not answer. Nothing was changed, but where the line says that it may still be at
    work: a write that was sent and not answered in time."""
    REFUSED = 4
    """No such object, or its state does not allow this; nothing was changed."""
    FAULT = 70
    """A fault of the terminal itself: report it, with what ENTENTE_DEBUG=1 shows."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C."""


class Failed(Exception):
    """A command cannot go on. `what` is one line that says why and how to mend it."""

    def __init__(self, what: str, code: Exit = Exit.REFUSED) -> None:
        super().__init__(what)
        self.code = code


class Misplaced(Failed):
    """Something else answers in the place of a service."""

    def __init__(self, url: str, service: str, who: str = "") -> None:
        what = f"is {who}, not {service}" if who else f"is not {service}, or not of this terminal's version"
        super().__init__(f"what answers at {url} {what}: correct ENTENTE_SERVICES", Exit.AWAY)


def end(what: str, code: Exit) -> NoReturn:
    """Say it in one line on stderr and end."""
    sys.stderr.write(plain(" ".join(what.split())) + "\n")
    raise SystemExit(int(code))


def run(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """The result of an asynchronous command; ends the process with one line where it cannot be had."""
    return guarded(lambda: asyncio.run(work()))


def guarded(work: Callable[[], T]) -> T:
    """The result of `work`; whatever it raises becomes one line and an exit code. ENTENTE_DEBUG=1 shows a traceback."""
    try:
        return work()
    except KeyboardInterrupt:
        end("interrupted", Exit.INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - whatever it is, it becomes one line
        said = told(error)
        if said is None:
            fault(error)
        end(*said)


def told(error: Exception) -> tuple[str, Exit] | None:
    """What to say of it and the exit code; None for a fault of the terminal itself."""
    if isinstance(error, Failed):
        return str(error), error.code
    if isinstance(error, Away):
        return f"{error.title}: {error.detail}", Exit.AWAY
    if isinstance(error, Problem):
        return sentences(error.detail, error.mend), Exit.REFUSED
    return _told_by_a_client(error)


def sentences(what: str, mend: str) -> str:
    """What a problem says and how to mend it, as one text."""
    return f"{what.rstrip('.')}. {mend}" if what and mend else what or mend


def _told_by_a_client(error: Exception) -> tuple[str, Exit] | None:
    """Where it is one of theirs, or of the system below them."""
    from aiokafka.errors import InvalidReplicationFactorError, KafkaConfigurationError, KafkaError  # late: only
    from httpx import HTTPError  # what has failed needs them, and every call and every help passes here
    from pymongo.errors import ConfigurationError, InvalidName, PyMongoError

    from shared.store.wording import worded

    said = worded(error)[:200]
    if isinstance(error, InvalidReplicationFactorError | KafkaConfigurationError | ConfigurationError | InvalidName):
        return f"refused as wrong: {said}", Exit.USAGE
    if isinstance(error, KafkaError | PyMongoError | HTTPError | OSError | TimeoutError):
        return f"does not answer: {said}", Exit.AWAY
    return None


def fault(error: Exception) -> NoReturn:
    """End by a fault of the terminal itself."""
    from shared.store.wording import traced, worded  # late: as above

    if os.environ.get("ENTENTE_DEBUG"):
        sys.stderr.write("\n".join(plain_lines(traced(error))) + "\n")
    end(f"unexpected {worded(error)[:200]} (ENTENTE_DEBUG=1 shows where)", Exit.FAULT)
