"""What is said of an id that leads to nothing the caller may see, in the words registration says it in."""

from __future__ import annotations

from shared.errors import NotFound


def no_such(what: str, id_: str, listed_at: str) -> NotFound:
    """The refusal; `listed_at` is the path where the caller finds what there is."""
    return NotFound(f"there is no {what} {id_}", mend=f"Check the id; {listed_at} lists what you may see.")
