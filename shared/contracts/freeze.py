"""Freeze the contracts in files, and refuse a change that would break somebody.

python -m shared.contracts.freeze --check    exit 1 on a breaking difference, or where files and catalogue differ
python -m shared.contracts.freeze --write    freeze new contracts and accepted additions; refuses breaking ones
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.contracts.catalogue import CONTRACTS, Contract
from shared.contracts.compatibility import differences
from shared.contracts.schema import as_text, file_of, record_schema

SCHEMAS = Path(__file__).with_name("schemas")
REMEDY = (
    "Announce what is different as a new version on a new topic, beside the old one. A contract that no record was "
    "ever published under may be changed: delete its file here and run --write."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to say about one frozen file; `wrong` fails the check."""

    file: str
    said: str
    wrong: bool

    def __str__(self) -> str:
        return f"{'BREAKS' if self.wrong else 'note'}  {self.file}  {self.said}"


def findings(contracts: Sequence[Contract] = CONTRACTS, directory: Path = SCHEMAS) -> list[Finding]:
    """How the contracts differ from what is frozen in `directory`."""
    found: list[Finding] = []
    for contract in contracts:
        name, path = file_of(contract), directory / file_of(contract)
        if not path.exists():
            found.append(Finding(name, "has no frozen schema: run --write to freeze the new contract", wrong=True))
            continue
        frozen, current = json.loads(path.read_text("utf-8")), record_schema(contract)
        changed = differences(frozen, current)
        found += [Finding(name, str(each), wrong=True) for each in changed if each.breaks]
        added = [each for each in changed if not each.breaks]
        found += [Finding(name, f"{each}: run --write to freeze the addition", wrong=False) for each in added]
        if not changed and frozen != current:
            found.append(Finding(name, "its descriptions changed: run --write to freeze them", wrong=False))
    known = {file_of(contract) for contract in contracts}
    strays = sorted(str(path.relative_to(directory)) for path in directory.rglob("*.json"))
    found += [
        Finding(name, "is frozen and in no catalogue: contract removed", wrong=True)
        for name in strays
        if name not in known
    ]
    return found


def write(contracts: Sequence[Contract] = CONTRACTS, directory: Path = SCHEMAS) -> list[Finding]:
    """Freeze every contract that breaks nobody. Returns the findings that stand in the way of the others."""
    standing = [f for f in findings(contracts, directory) if f.wrong and (directory / f.file).exists()]
    refused = {finding.file for finding in standing}
    for contract in contracts:
        path = directory / file_of(contract)
        if file_of(contract) not in refused:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(as_text(record_schema(contract)), "utf-8")
    return standing


def main(arguments: Sequence[str] | None = None, *, directory: Path = SCHEMAS) -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m shared.contracts.freeze", description=(__doc__ or "").split("\n")[0]
    )
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--check", action="store_true", help="compare the contracts with the frozen files")
    mode.add_argument("--write", action="store_true", help="freeze new contracts and accepted additions")
    given = parser.parse_args(arguments)
    found = write(directory=directory) if given.write else findings(directory=directory)
    for finding in found:
        sys.stdout.write(f"{finding}\n")
    wrong = sum(finding.wrong for finding in found)
    if wrong:
        sys.stdout.write(f"{REMEDY}\n")
    sys.stdout.write(f"{len(CONTRACTS)} contracts, {wrong} breaking differences\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
