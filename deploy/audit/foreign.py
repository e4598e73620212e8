"""Documents that no service wrote, in collections that belong to one: named, and left out of every other judgement."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from deploy.audit.evidence import STATES_READ, Evidence
from deploy.audit.expectations import GUARDED
from deploy.audit.findings import Findings

WRITTEN = {"seen": dict, "sequences": dict, "outbox": list}
"""What `shared.store` writes into every document, and of which type."""


def without_foreign(evidence: Evidence, findings: Findings) -> Evidence:
    """The evidence without them. Looks where documents are judged by what they hold; elsewhere none is asked for."""
    judged = {(guarded.service, guarded.collection) for guarded in GUARDED}
    documents: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for service, collections in evidence.documents.items():
        documents[service] = {}
        for name, found in collections.items():
            if name not in STATES_READ.get(service, ()) and (service, name) not in judged:
                documents[service][name] = found
                continue
            ours = documents[service][name] = []
            for document in found:
                if _written_by_us(document):
                    ours.append(document)
                else:
                    findings.foreign.append(f"{service}.{name} holds {document['_id']}")
    return replace(evidence, documents=documents)


def _written_by_us(document: dict[str, Any]) -> bool:
    return isinstance(document.get("state"), dict | None) and all(
        isinstance(document.get(name), kind) for name, kind in WRITTEN.items()
    )
