"""What an aggregate had announced before its database was lost: decided again, it is announced as it was.

A restored service consumes again what came since its backup, and its deadlines pass again. What it then decides has
been announced, and others have acted on it. The restore leaves those announcements in the document. One that is decided
again from the same cause goes out under its old sequence and id, word for word: whoever knows it passes it over.

Sequences rise on a topic, whatever came first in the life before: behind news, everything is news, and behind one of
the old announcements those that stood in front of it are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Entry = Mapping[str, Any]
"""One announcement, as it stands in an outbox."""

SAID = "said"
"""The field of a restored document; others have none."""

NAMES = ("_id", "code", "reference")
"""How a field ends that names somebody or something: these must agree. Instants, scores and counts may differ."""


def said_before(said: Sequence[Entry], entry: Entry) -> Entry | None:
    """The announcement that says the same, from the same cause; None where it is news."""
    if not said or entry["value"] is None:
        return None
    wanted = _gist(entry)
    return next((known for known in said if known["topic"] == entry["topic"] and _gist(known) == wanted), None)


def still_sayable(said: Sequence[Entry], topic: str, known: Entry | None) -> list[Entry]:
    """What may still go out as it was on `topic`, once `known` has, or news where it is None."""
    last = None if known is None else known["sequence"]
    return [entry for entry in said if entry["topic"] != topic or (last is not None and entry["sequence"] > last)]


def _gist(entry: Entry) -> tuple[str, str | None, dict[str, Any]]:
    event = json.loads(entry["value"])
    names = {name: value for name, value in event["data"].items() if name.endswith(NAMES)}
    return event["type"], event.get("causation_id"), names
