"""The HTTP interface: one's own inbox, and the deliveries for officers and operators."""

from __future__ import annotations

TAGS = [
    {"name": "inbox", "description": "One's own notices, and that one has opened them."},
    {"name": "deliveries", "description": "Every mail: what waits and for whom, what went out, what failed and why."},
]
