"""HTTP/1.1 on a connection: as uvicorn speaks it, but that what cannot be read as HTTP is refused as a problem too."""

from __future__ import annotations

from uvicorn.protocols.http.h11_impl import H11Protocol

from shared.errors import Malformed
from shared.runtime.http.problems import MEDIA_TYPE, ProblemBody

UNREADABLE = ProblemBody(
    type=f"urn:entente:problem:{Malformed.kind}",
    title=Malformed.title,
    status=Malformed.status,
    detail="this is no request in HTTP/1.1 (RFC 9112): its request line, a header, its length or a chunk of its body "
    "cannot be read, or request line and headers are longer than 32 kB; the connection is closed",
    mend="Percent-encode what is not ASCII in the path, send either one Content-Length or a chunked body, and keep "
    "request line and headers below 32 kB. Nothing was changed.",
)
"""The answer; it says nothing of what came, and no route has been asked."""

_BODY = UNREADABLE.model_dump_json().encode()
_ANSWER = (
    f"HTTP/1.1 {UNREADABLE.status} Bad Request\r\ncontent-type: {MEDIA_TYPE}\r\ncontent-length: {len(_BODY)}\r\n"
    "cache-control: no-store\r\nconnection: close\r\n\r\n"
).encode() + _BODY


class Protocol(H11Protocol):
    """One connection of a caller."""

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words are not told
        """Answer what cannot be read, unless an answer has begun, and close. Past h11, which lets no body follow a
        HEAD."""
        answer = self.cycle
        if answer is None or answer.response_complete or not answer.response_started:
            self.transport.write(_ANSWER)
        self.transport.close()
