"""The auditor: reads every document, topic and mail of a system and says what was lost, doubled or disordered."""

from deploy.audit.audit import audit
from deploy.audit.evidence import Evidence, Mail, Record, gather, gather_live
from deploy.audit.findings import Copy, Findings
from deploy.audit.rest import Watch

__all__ = [
    "Copy",
    "Evidence",
    "Findings",
    "Mail",
    "Record",
    "Watch",
    "audit",
    "gather",
    "gather_live",
]
