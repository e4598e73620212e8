"""Text from elsewhere, made safe to print: an event's key, a mail server's answer, a parked value."""

from __future__ import annotations

import json
import re

_ACTS = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal would act on (escape sequences, carriage returns), what begins another line, what turns the direction
of writing around, and halves of characters, which cannot be encoded. A tab is only a gap."""


def plain(text: str) -> str:
    r"""The text as one line that shows what is in it and does nothing: `\n` and `\u001b` as JSON writes them."""
    return _ACTS.sub(lambda found: json.dumps(found.group())[1:-1], text)


def plain_lines(text: str) -> list[str]:
    """The same, line by line, where a text may have several."""
    return [plain(line) for line in text.replace("\r\n", "\n").split("\n")]
