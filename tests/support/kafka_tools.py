"""Kafka's own command-line tools under the names by which the runbook calls them."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

TOOLS = ("topics", "configs", "consumer-groups", "dump-log")
_CALL = """#!/usr/bin/env bash
# The start script's tools know their broker, and take no address.
if [ "${{1-}}" = --bootstrap-server ]; then
    [ "$2" = {kafka} ] || {{ echo "$2 is not the broker of these tools" >&2; exit 2; }}
    shift 2
fi
STACK_DIR={servers} exec {script} {tool} "$@"
"""
_READ = """#!/usr/bin/env bash
# Needs no broker, and is no part of the start script's tools: they look for it where Kafka 3 had it.
exec java -cp "$(echo {servers}/kafka-*/libs)/*" org.apache.kafka.tools.DumpLogSegments "$@"
"""


def lacking() -> list[str]:
    """Those that are not on the PATH."""
    return [name for name in map(named, TOOLS) if shutil.which(name) is None]


def named(tool: str) -> str:
    """As in Kafka's own folder `bin`."""
    return f"kafka-{tool}.sh"


def of_the_start_script(script: Path, servers: Path, kafka: str, folder: Path) -> Path | None:
    """A folder with all of them, for the front of PATH: they call the start script's neighbour `kafka`, for the servers
    it has started there. None where it has no such neighbour."""
    neighbour = script.with_name("kafka")
    if not neighbour.is_file():
        return None
    folder.mkdir(parents=True)
    given = {name: shlex.quote(str(value)) for name, value in (("kafka", kafka), ("servers", servers))}
    for tool in TOOLS:
        call = folder / named(tool)
        text = _READ if tool == "dump-log" else _CALL
        call.write_text(text.format(script=shlex.quote(str(neighbour)), tool=tool, **given))
        call.chmod(0o755)
    return folder
