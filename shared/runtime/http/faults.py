"""From validation errors to faults: a JSON pointer, what is wrong there, and how to mend it. No input is echoed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from shared.errors import Fault, Unfit
from shared.vocabulary import UnknownCode
from shared.vocabulary.codes import listed

MOST = 50
"""Faults told in one answer; a long list helps nobody and must not become a large answer."""

_LONGEST = 1_000
"""Characters of one text; the longest list of choices there is, that of the vocabulary's lists, has under 300."""

_SEE_SCHEMA = "Correct it; see the schema of this request at /docs."

_DETAIL = {
    "missing": "it is missing",
    "extra_forbidden": "there is no such field",
    "string_type": "this is not a text",
    "string_too_short": "it has fewer than {min_length:character}",
    "string_too_long": "it has more than {max_length:character}",
    "string_pattern_mismatch": "it does not have the form {pattern}",
    "too_short": "it has fewer than {min_length:item}",
    "too_long": "it has more than {max_length:item}",
    "enum": "it is not {expected}",
    "literal_error": "it is not {expected}",
    "int_type": "this is not a whole number",
    "int_parsing": "this is not a whole number",
    "int_from_float": "this is not a whole number",
    "float_type": "this is not a number",
    "float_parsing": "this is not a number",
    "finite_number": "this is not a finite number",
    "bool_type": "this is neither true nor false",
    "bool_parsing": "this is neither true nor false",
    "greater_than": "it is not more than {gt}",
    "greater_than_equal": "it is less than {ge}",
    "less_than": "it is not less than {lt}",
    "less_than_equal": "it is more than {le}",
    "list_type": "this is not a list",
    "tuple_type": "this is not a list",
    "dict_type": "this is not an object",
    "model_type": "this is not an object",
    "model_attributes_type": "this is not an object",
    "timezone_aware": "its offset from UTC is missing",
    "datetime_type": "this is not an instant",
    "datetime_parsing": "this is not an instant",
    "datetime_from_date_parsing": "this is not an instant",
    "date_type": "this is not a date",
    "date_parsing": "this is not a date",
    "date_from_datetime_parsing": "this is not a date",
    "date_from_datetime_inexact": "this is not a whole day",
    "union_tag_not_found": "it does not say which kind it is",
    "union_tag_invalid": "there is no such kind",
}
"""What is said in place of the library's words."""

_HEADERS = {
    "if-match": 'Send the ETag with its quotes, such as "1".',
    "idempotency-key": "Send 1 to 200 printable ASCII characters.",
}
"""How a header in another form than its own is mended; a pattern tells nobody."""

_MEND = {
    "missing": "Add it.",
    "extra_forbidden": "Leave it out, or check its spelling.",
    "string_type": "Give a text.",
    "string_too_short": "Use at least {min_length:character}.",
    "string_too_long": "Use at most {max_length:character}.",
    "string_pattern_mismatch": "Use the form {pattern}.",
    "too_short": "Give at least {min_length:item}.",
    "too_long": "Give at most {max_length:item}.",
    "enum": "Use {expected}.",
    "literal_error": "Use {expected}.",
    "int_type": "Give a whole number.",
    "int_parsing": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "float_type": "Give a number.",
    "float_parsing": "Give a number.",
    "finite_number": "Give a finite number.",
    "bool_type": "Give true or false.",
    "bool_parsing": "Give true or false.",
    "greater_than": "Give more than {gt}.",
    "greater_than_equal": "Give at least {ge}.",
    "less_than": "Give less than {lt}.",
    "less_than_equal": "Give at most {le}.",
    "list_type": "Give a list.",
    "tuple_type": "Give a list.",
    "dict_type": "Give an object.",
    "model_type": "Give an object.",
    "model_attributes_type": "Give an object.",
    "timezone_aware": "Add the offset from UTC, for example 2030-01-31T09:00:00Z.",
    "datetime_type": "Give an instant such as 2030-01-31T09:00:00Z.",
    "datetime_parsing": "Give an instant such as 2030-01-31T09:00:00Z.",
    "datetime_from_date_parsing": "Give an instant such as 2030-01-31T09:00:00Z.",
    "date_type": "Give a date such as 2030-01-31.",
    "date_parsing": "Give a date such as 2030-01-31.",
    "date_from_datetime_parsing": "Give a date such as 2030-01-31.",
    "date_from_datetime_inexact": "Give a date without a time of day.",
    "union_tag_not_found": "Say which kind it is ({discriminator}).",
    "union_tag_invalid": "Use one of {expected_tags}.",
}


class _Limit:
    """A limit as people write it: 70 for 70.0, and with what it counts where the words name it."""

    def __init__(self, limit: float) -> None:
        self._limit = limit

    def __format__(self, counted: str) -> str:
        number = f"{int(self._limit) if self._limit == int(self._limit) else self._limit}"
        return f"{number} {counted}{'' if self._limit == 1 else 's'}" if counted else number


def first_hand(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without the errors that only follow from another: the library does not count an element at fault, and then
    finds its list too short."""
    within = {tuple(error["loc"][:depth]) for error in errors for depth in range(len(error["loc"]))}
    return [error for error in errors if error["type"] != "too_short" or tuple(error["loc"]) not in within]


def faults_of(errors: Sequence[Mapping[str, Any]], body: Any) -> tuple[Fault, ...]:
    """The first faults, in the order they were found."""
    return tuple(_fault(error, body) for error in errors[:MOST])


def pointer(path: Sequence[str | int]) -> str:
    """An RFC 6901 JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _fault(error: Mapping[str, Any], body: Any) -> Fault:
    kind = str(error["type"])
    if kind in ("too_short", "too_long") and isinstance(error.get("input"), str):
        kind = f"string_{kind}"  # a text whose length is looked at after a validator of ours
    loc = tuple(error["loc"])
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if loc == ("body",) and kind == "missing":
        return Fault("", "there is no body, and this path reads one", "Send a JSON object.")
    if kind == "string_pattern_mismatch" and loc[0] == "header" and str(loc[-1]).lower() in _HEADERS:
        return Fault(_place(loc, kind, body), "it does not have this header's form", _HEADERS[str(loc[-1]).lower()])
    context = _limits(error.get("ctx") or {})
    detail = _said(_DETAIL.get(kind), context) or message
    return Fault(_place(loc, kind, body), shortened(detail), shortened(_mend(kind, context)))


def _limits(context: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _Limit(it) if type(it) in (int, float) else it for name, it in context.items()}


def _mend(kind: str, context: Mapping[str, Any]) -> str:
    why = context.get("error")
    if isinstance(why, UnknownCode) and (where := listed(why.kind)):
        return f"Use a known code: {where}."
    if isinstance(why, Unfit):
        return why.mend
    return _said(_MEND.get(kind), context) or _SEE_SCHEMA


def _said(words: str | None, context: Mapping[str, Any]) -> str:
    """The words with their values; nothing where there are none, or where the library gives other values."""
    try:
        return words.format(**context) if words else ""
    except (KeyError, IndexError, ValueError, TypeError):
        return ""


def shortened(text: str, longest: int = _LONGEST) -> str:
    """The text, or as many whole words of it as fit, with "…" for the rest."""
    if len(text) <= longest:
        return text
    kept = text[:longest].rsplit(" ", 1)[0]
    return f"{kept} …"


def _place(loc: tuple[str | int, ...], kind: str, body: Any) -> str:
    """Where in the input. Pydantic's path also names union members; only what is in the body is kept."""
    if not loc:
        return ""
    if loc[0] != "body":
        return f"{loc[0]}:{'.'.join(str(part) for part in loc[1:])}"
    kept: list[str | int] = []
    here = body
    for at, part in enumerate(loc[1:], start=1):
        inside, here_next = _step(here, part)
        if inside:
            kept.append(part)
            here = here_next
        elif kind == "missing" and at == len(loc) - 1:
            kept.append(part)
    return pointer(kept)


def _step(here: Any, part: str | int) -> tuple[bool, Any]:
    if isinstance(here, dict) and part in here:
        return True, here[part]
    if isinstance(here, list) and isinstance(part, int) and 0 <= part < len(here):
        return True, here[part]
    return False, here
