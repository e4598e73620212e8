"""To whom notices went: what is an expert's to know to no other expert, and mails to nobody's address but the
recipient's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from deploy.audit.evidence import Evidence, Record, listed
from deploy.audit.expectations import TOLD
from deploy.audit.findings import Findings
from shared.contracts import topics


def judge_experts_told(
    evidence: Evidence, first: list[Record], deliveries: Sequence[dict[str, Any]], findings: Findings
) -> None:
    """Add each notice, of an event that is told to experts it names, to an expert whom it does not name. Only who is an
    expert, and reached as one alone, is looked at: others may hold a function."""
    kinds = {d["_id"]: (d["state"] or {}).get("kind") for d in evidence.collection("notifications", "contacts")}
    experts = {record.key for record in evidence.on(topics.EXPERTS.name)}
    named: dict[str, set[str]] = {}
    for record in first:
        if record.event and {"expert", "experts"} & set(TOLD.get(record.event["type"], ())):
            data = record.event["data"]
            members = {member.get("expert_id", "") for member in listed(data, "members")}
            named[record.event_id] = {data.get("expert_id", ""), *members}
    for document in deliveries:
        event_id, recipient = document["state"]["event_id"], document["state"]["recipient"]
        theirs = recipient in named.get(event_id, {recipient})
        if not theirs and recipient in experts and kinds.get(recipient) == "expert":
            findings.lost.append(f"delivery {document['_id']} tells {recipient} of {event_id}, which is not theirs")


def judge_addresses(evidence: Evidence, deliveries: Sequence[dict[str, Any]], findings: Findings) -> None:
    """Add each mail to an address that was never its recipient's. Judged where everything that was said of the
    recipient lies on the topic still, and none of it is an erasure."""
    said: dict[str, list[Record]] = defaultdict(list)
    for record in evidence.on(topics.CONTACTS.name):
        said[record.key].append(record)
    addresses = {contact: _addresses(records) for contact, records in said.items()}
    to = {d["_id"]: d["state"]["recipient"] for d in deliveries}
    for mail in evidence.mails:
        delivery = mail.message_id.strip("<>").partition("@")[0]
        known, address = addresses.get(to.get(delivery, ""), set()), parseaddr(mail.to)[1].casefold()
        if known and address and address not in known:
            findings.lost.append(f"mail {delivery} went to an address that was never that of {to[delivery]}")


def _addresses(records: Sequence[Record]) -> set[str]:
    """Every address that was ever said of a contact; none where that is not known."""
    numbers = {record.sequence for record in records}
    emails = {record.event["data"].get("email") for record in records if record.event}
    if (
        any(record.event is None for record in records)
        or min(numbers) < 1
        or len(numbers) != max(numbers)
        or None in emails
    ):
        return set()
    return {email.casefold() for email in emails}
