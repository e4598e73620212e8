"""Keeps people's data and tokens out of logs: by the name of a field, and by what a text looks like.

Events and logs carry ids; this is the net below that rule, not a licence to log names.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

MASK = "[withheld]"
_DEEPEST = 8

_PEOPLE = {
    "name", "full_name", "given_name", "family_name", "first_name", "last_name", "display_name",
    "contact_name", "person_name", "expert_name", "recipient_name", "sender_name", "salutation", "signature",
    "birth_date", "date_of_birth", "nationality", "cv",
}  # fmt: skip
_ADDRESSES = {
    "email", "e_mail", "mail", "emails", "cc", "bcc", "reply_to", "sender", "recipient", "recipients",
    "phone", "mobile", "telephone", "fax", "address", "addresses", "street", "postal_address",
}  # fmt: skip
_CREDENTIALS = {
    "authorization", "proxy_authorization", "cookie", "set_cookie", "token", "access_token", "refresh_token",
    "id_token", "jwt", "bearer", "credentials", "password", "passwd", "secret", "client_secret", "api_key",
    "private_key", "dsn",
}  # fmt: skip
NAMES = frozenset(_PEOPLE | _ADDRESSES | _CREDENTIALS | {"body", "payload"})
"""Names of fields that are withheld, lower case, `_` for `-`."""

_ENDINGS = ("_token", "_password", "_secret", "_email", "_phone", "_address")

_EMAIL = re.compile(r"[^\s@<>()\[\]\"',;:/=]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_JWT = re.compile(r"\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_USERINFO = re.compile(r"(://)[^\s/@]{1,256}@")
_INPUT = re.compile(r"input_value=.*?(, input_type=[^\s\]]*\]$|\Z)", re.DOTALL | re.MULTILINE)
"""What pydantic quotes of a value it refuses: up to the end it gives that line, or of all there is."""

_DRIVER = re.compile(r"dup key: \{.*?(?=, full error: |\Z)|full error: \{.*", re.DOTALL)
"""What MongoDB's driver quotes of a write that was refused. For texts that others make of its errors, asyncio's words
of a lost task among them: our own come from `shared/store/wording.py`."""


def mask_text(text: str) -> str:
    """The text without e-mail addresses, tokens, credentials in URLs, and the values that pydantic and the database
    driver quote where they refuse them: of a stored document they are people's names and phone numbers."""
    if "input_value=" in text:
        text = _INPUT.sub(rf"input_value={MASK}\1", text)
    if "full error: {" in text or "dup key: {" in text:
        text = _DRIVER.sub(lambda found: f"{found[0].partition('{')[0]}{MASK}", text)
    if "@" in text:
        text = _EMAIL.sub("[e-mail]", _USERINFO.sub(r"\1***@", text))
    if "eyJ" in text:
        text = _JWT.sub("[token]", text)
    if "earer" in text or "asic" in text or "EARER" in text:
        text = _BEARER.sub(r"\1 [token]", text)
    return text


def is_private(key: str) -> bool:
    """Whether a field of this name may carry people's data or a credential."""
    plain = key.lower().replace("-", "_")
    return plain in NAMES or plain.endswith(_ENDINGS)


def mask_value(value: Any, depth: int = 0) -> Any:
    """The value with private fields withheld and texts cleaned, through nested mappings and lists."""
    if isinstance(value, str):
        return mask_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth >= _DEEPEST:
        return "[too deep]"
    if isinstance(value, dict):
        return {
            str(key): MASK if is_private(str(key)) else mask_value(inner, depth + 1) for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [mask_value(inner, depth + 1) for inner in value]
    return mask_text(str(value))


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: withholds private fields and cleans every text of the line."""
    for key, value in event.items():
        if key.startswith("_"):
            continue
        event[key] = MASK if is_private(key) else mask_value(value)
    return event
