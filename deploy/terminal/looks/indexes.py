"""The indexes each service relies on against those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from deploy.services import SERVICES
from deploy.terminal.looks.finding import Finding, State
from shared.store.indexes import Fields


def missing_indexes(
    service: str, database: str, setup: Mapping[str, Any] | None, there: Mapping[str, set[Fields]]
) -> list[Finding]:
    """What is missing, with the command that makes it. Pure."""
    area = "indexes"
    if setup is None:
        why = f"{service} was not asked which it needs"
        return [Finding(area, State.UNKNOWN, why, f"see {service} above; it makes them at its start")]
    wanted = [(index["collection"], tuple(index["fields"])) for index in setup["indexes"]]
    found = []
    for collection, fields in wanted:
        if fields not in there.get(collection, set()):
            spec = ", ".join(f'"{field}": 1' for field in fields)
            mend = f"mongosh {database} --eval 'db.{collection}.createIndex({{{spec}}})', or restart {service}"
            found.append(Finding(area, State.WRONG, f"{database}.{collection} has none on {', '.join(fields)}", mend))
    return found or [Finding(area, State.OK, f"{len(wanted)} of {service} are there")]


def all_indexes(
    databases: Mapping[str, str],
    setups: Mapping[str, Mapping[str, Any]],
    there: Mapping[str, Mapping[str, set[Fields]]],
) -> list[Finding]:
    """Of every service whose database answers."""
    return [
        finding
        for service in SERVICES
        if service in there
        for finding in missing_indexes(service, databases[service], setups.get(service), there[service])
    ]
