"""Stands in for a service under supervision: answers its health checks, shows its settings, ends when asked to.

GET /environment answers the ENTENTE_ variables it was given. FAKE_MODE: `broken` ends at start with a message on
its log; `deaf` ignores SIGTERM.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        bodies = {
            "/health/live": {},
            "/health/ready": {},
            "/environment": {name: value for name, value in os.environ.items() if name.startswith("ENTENTE_")},
        }
        if self.path not in bodies:
            self.send_error(404)
            return
        body = json.dumps(bodies[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Silent."""


def main() -> None:
    mode = os.environ.get("FAKE_MODE", "")
    if mode == "broken":
        sys.exit("ENTENTE_DATABASE names no database")
    signal.signal(signal.SIGTERM, signal.SIG_IGN if mode == "deaf" else lambda *_: os._exit(0))
    address = (os.environ["ENTENTE_HTTP_HOST"], int(os.environ["ENTENTE_HTTP_PORT"]))
    ThreadingHTTPServer(address, Answers).serve_forever()


if __name__ == "__main__":
    main()
