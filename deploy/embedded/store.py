"""A MongoDB stand-in: `nx-27017`, MongoDB's wire protocol over SQLite, from its wheel.

Single-document writes, unique keys and compare-and-set were right in every race tried, also through `kill -9`.
Multi-document transactions are not isolated and elections do not exist: nothing of Entente rests on either.
"""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import PyMongoError

HOST = "127.0.0.1"
PING_MS = 500


def command(port: int, data: Path) -> tuple[str, ...]:
    """The command line that serves the databases in `data`, one SQLite file each, on `port` of 127.0.0.1.

    Its log goes to standard error; the copy it would write to a file of its own is switched off.
    """
    data.mkdir(parents=True, exist_ok=True)
    program = Path(sys.executable).with_name("nx-27017")
    if not program.exists():
        raise FileNotFoundError(f"{program} is missing: install the extra `embedded` into this environment")
    places = ("--data-dir", str(data.resolve()), "--pid-file", str(data.resolve() / "nx.pid"))
    return (str(program), *places, "--host", HOST, "-p", str(port), "--log-file", "/dev/null")


def uri(port: int) -> str:
    """The address for a MongoDB client."""
    return f"mongodb://{HOST}:{port}/?directConnection=true"


def answers(port: int) -> bool:
    """Whether a ping is answered now."""
    try:
        socket.create_connection((HOST, port), timeout=0.2).close()  # cheaper than a client while it starts
    except OSError:
        return False
    client: MongoClient[dict[str, object]] = MongoClient(
        uri(port), serverSelectionTimeoutMS=PING_MS, socketTimeoutMS=PING_MS, connectTimeoutMS=PING_MS
    )
    try:
        return client.admin.command("ping").get("ok") == 1
    except PyMongoError:
        return False
    finally:
        client.close()
