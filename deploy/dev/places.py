"""Where everything is and who can call it: the content of build/dev.json."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from deploy.embedded.stack import Stack

TOKEN_DAYS = 30
"""The longest the development issuer grants. A token ends with its stack anyway: it names the issuer's address."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A sample caller. Without an institution or expert it is a newcomer, who may register one."""

    role: str
    subject: str
    institution_id: str | None = None
    expert_id: str | None = None
    contact_id: str | None = None

    def wanted(self) -> dict[str, Any]:
        """Body of POST /tokens at the development issuer."""
        bound = {
            "institution_id": self.institution_id,
            "expert_id": self.expert_id,
            "contact_id": self.contact_id,
        }
        return {"role": self.role, "subject": self.subject, **{k: v for k, v in bound.items() if v is not None}}


NEWCOMERS = (
    Subject("institution", "sample-newcomer-institution"),
    Subject("expert", "sample-newcomer-expert"),
    Subject("officer", "sample-officer"),
    Subject("operator", "sample-operator"),
)
"""One caller per role on an empty stack."""


async def places(stack: Stack, subjects: tuple[Subject, ...]) -> dict[str, Any]:
    """All addresses of a running stack, and one token per subject, by role. Raises httpx.HTTPError."""
    async with httpx.AsyncClient(timeout=10) as client:
        tokens = {}
        for subject in subjects:
            body = {**subject.wanted(), "lifetime_seconds": TOKEN_DAYS * 86_400}
            answer = await client.post(f"{stack.issuer}/tokens", json=body)
            answer.raise_for_status()
            tokens[subject.role] = answer.json()["access_token"]
    return {
        "services": {name: {"url": url, "docs": f"{url}/docs"} for name, url in stack.urls.items()},
        "identity": {"url": stack.issuer},
        "kafka": stack.kafka,
        "mongodb": stack.mongodb,
        "databases": stack.databases,
        "partitions": stack.partitions,
        "mailbox": str(stack.mail_directory.resolve()),
        "smtp": stack.smtp,
        "tokens": tokens,
    }


def write(file: Path, content: dict[str, Any]) -> None:
    """Write it so that a reader sees all of it or nothing; only its owner may read the tokens."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(content, indent=2) + "\n")
    part.replace(file)


def curl(issuer: str, subject: Subject) -> str:
    """The call that gives a token for a role and a subject, bound to an institution or an expert."""
    body = shlex.quote(json.dumps(subject.wanted()))
    return f"curl -s {issuer}/tokens -H 'Content-Type: application/json' -d {body}"
