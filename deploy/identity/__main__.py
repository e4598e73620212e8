"""FOR DEVELOPMENT ONLY: `python -m deploy.identity --dir DIR [--port N] [--host H] [--url URL]`.

Prints `{"issuer": URL}` when it answers; stays until SIGTERM, SIGINT or the end of its parent. The signing key stays
in DIR. The issuer's address is written in every token: give a port to keep it, and a URL where others reach it by
another name than it listens on.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from pathlib import Path

import uvicorn

from deploy.embedded.leash import die_with_parent
from deploy.identity.http import app_for
from deploy.identity.tokens import Issuer
from shared.runtime.logging import configure
from shared.runtime.serving import KEEP_ALIVE_SECONDS

HOST = "127.0.0.1"


class _Announced(uvicorn.Server):
    """Says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, url: str) -> None:
        super().__init__(config)
        self._url = url

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(json.dumps({"issuer": self._url}), flush=True)


def main() -> None:
    """Run until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m deploy.identity", description="A development issuer of tokens.")
    parser.add_argument("--dir", type=Path, required=True, help="where the signing key stays")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes any free port")
    parser.add_argument("--host", default=HOST, help=f"address to listen on; {HOST} when not given")
    parser.add_argument("--url", help="the issuer's name in tokens; http://HOST:PORT when not given")
    arguments = parser.parse_args()
    die_with_parent()
    listener = socket.socket(
        socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP
    )  # named, so that answers leave at once
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((arguments.host, arguments.port))
        url = arguments.url or f"http://{arguments.host}:{listener.getsockname()[1]}"
        issuer = Issuer(arguments.dir, url)
    except (OSError, ValueError) as error:
        sys.exit(f"the development issuer cannot start: {error}")
    print("FOR DEVELOPMENT ONLY: this issuer signs any role for anybody who asks.", file=sys.stderr, flush=True)
    configure("console", "warning", stream=sys.stderr)
    config = uvicorn.Config(
        app_for(issuer),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
    )
    _Announced(config, url).run(sockets=[listener])


if __name__ == "__main__":
    main()
