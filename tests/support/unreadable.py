"""Values of records that no producer of ours writes, and that the parking lot must keep, show and let go."""

from __future__ import annotations

DEEP = b"[" * 3000
VALUES: dict[str, bytes] = {
    "nested too deep": DEEP,
    "nested too deep, in an object": b'{"type": ' + DEEP,
    "a sequence beyond 64 bits": b'{"event_id": "evt_x", "sequence": 1' + b"0" * 30 + b"}",
    "a sequence below 64 bits": b'{"event_id": "evt_x", "sequence": -1' + b"0" * 30 + b"}",
    "half a surrogate pair": b'{"event_id": "\\udfff", "type": "\\ud800", "sequence": 1}',
    "more digits than Python reads": b'{"sequence": ' + b"9" * 5000 + b"}",
    "no number": b'{"sequence": NaN, "aggregate": {"id": NaN}}',
    "NUL": b'{"event_id": "\\u0000", "type": "\\u0000", "sequence": 1}',
}
