"""What changed between two JSON Schemas of one record, and whether anybody who relies on the old one is broken.

Within a version only an optional field may be added: consumers of today must be able to read tomorrow's records, and
consumers of tomorrow must be able to read the records that are kept. Everything else is a break, a widening too: a
consumer of today refuses a value it does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

_WORDING = frozenset({"$schema", "$id", "$defs", "$comment", "title", "description", "examples"})
_HANDLED = frozenset({"properties", "required", "items", "anyOf", "enum", "const", "additionalProperties", "$ref"})
_UNSEEN = frozenset(
    {"oneOf", "allOf", "not", "if", "prefixItems", "contains", "patternProperties", "propertyNames", "dependentSchemas"}
)
"""What holds schemas that are not looked into: behind their references a break would go unseen."""
_LOWER = frozenset({"minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"})
_UPPER = frozenset({"maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"})
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: at which place of the record, what, and whether it breaks somebody."""

    place: str
    what: str
    breaks: bool = True

    def __str__(self) -> str:
        return f"{self.place or 'the record'}: {self.what}"


def differences(old: Schema, new: Schema) -> list[Difference]:
    """Every difference that matters to a reader or a writer of records, in the order of the old schema's places.

    Titles, descriptions and examples do not matter.
    """
    return list(_Comparison(old, new).compare(old, new, ""))


def breaks(old: Schema, new: Schema) -> list[Difference]:
    """Those of the differences that need a new version."""
    return [difference for difference in differences(old, new) if difference.breaks]


@dataclass(frozen=True, slots=True)
class _Comparison:
    old_root: Schema
    new_root: Schema

    def compare(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        old, new = _resolved(old, self.old_root), _resolved(new, self.new_root)
        if "anyOf" in old or "anyOf" in new:
            yield from self._alternatives(old, new, place)
            old, new = ({"default": s["default"]} if "default" in s else {} for s in (old, new))
        yield from _values(old, new, place)
        yield from self._fields(old, new, place)
        yield from self._inner(old, new, place)
        keywords = old.keys() | new.keys()
        for keyword in sorted(keywords & _UNSEEN):
            yield Difference(place, f"{keyword} is not looked into: what breaks inside would go unseen; say it without")
        for keyword in sorted(keywords - _WORDING - _HANDLED - _UNSEEN):
            before, now = old.get(keyword, _ABSENT), new.get(keyword, _ABSENT)
            if json.dumps(before, default=str) != json.dumps(now, default=str):
                yield Difference(place, _said(keyword, before, now))

    def _fields(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        before, now = old.get("properties", {}), new.get("properties", {})
        required_before, required_now = set(old.get("required", ())), set(new.get("required", ()))
        added = [name for name in now if name not in before]
        for name, schema in before.items():
            here = f"{place}.{name}" if place else name
            if name not in now:
                same = [other for other in added if self._same(schema, now[other])]
                yield Difference(here, f"field removed{f', or renamed to {same[0]!r}' if same else ''}")
                continue
            if name in required_now - required_before:
                yield Difference(here, "narrowed: the field was optional and is required now")
            if name in required_before - required_now:
                yield Difference(here, "widened: the field was always there and may be missing now")
            yield from self.compare(schema, now[name], here)
        for name in added:
            here = f"{place}.{name}" if place else name
            if name in required_now:
                yield Difference(here, "new field is required: records that are kept do not have it")
            else:
                yield Difference(here, "optional field added", breaks=False)

    def _same(self, old: Schema, new: Schema) -> bool:
        return not any(True for _ in self.compare(old, new, ""))

    def _inner(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        for keyword, here in (("items", f"{place}[]"), ("additionalProperties", f"{place}.*")):
            before, now = old.get(keyword, True), new.get(keyword, True)
            if isinstance(before, Mapping) and isinstance(now, Mapping):
                yield from self.compare(before, now, here)
            elif before != now:
                yield Difference(here, _said(keyword, before, now))

    def _alternatives(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        before = [_resolved(s, self.old_root) for s in old.get("anyOf", ())]
        now = [_resolved(s, self.new_root) for s in new.get("anyOf", ())]
        before, now = before or [_alone(old)], now or [_alone(new)]
        gone = [s for s in before if not any(self._same(s, other) for other in now)]
        come = [s for s in now if not any(self._same(other, s) for other in before)]
        if len(gone) == len(come) == 1:
            yield from self.compare(gone[0], come[0], place)
            return
        titled = {schema["title"]: schema for schema in come if "title" in schema}
        for schema in list(gone):
            if (other := titled.pop(schema.get("title"), None)) is not None:
                gone.remove(schema)
                come.remove(other)
                yield from self.compare(schema, other, place)
        for schema in gone:
            yield Difference(place, f"narrowed: {_name(schema)} is not allowed any more")
        for schema in come:
            yield Difference(place, f"widened: {_name(schema)} is allowed now")


def _values(old: Schema, new: Schema, place: str) -> Iterator[Difference]:
    before, now = _allowed(old), _allowed(new)
    if before is None and now is None:
        return
    if before is None or now is None:
        yield Difference(place, _said("enum", before or _ABSENT, now or _ABSENT))
        return
    for value in before:
        if value not in now:
            yield Difference(place, f"narrowed: the value {value} is not allowed any more")
    for value in now:
        if value not in before:
            yield Difference(place, f"widened: the value {value} is allowed now")


def _allowed(schema: Schema) -> list[str] | None:
    """The values of an enumeration, as JSON, or None where there is none."""
    if "const" in schema:
        return [json.dumps(schema["const"])]
    return [json.dumps(value) for value in schema["enum"]] if "enum" in schema else None


def _resolved(schema: Schema, root: Schema) -> Schema:
    """The schema behind a reference into its own document."""
    while "$ref" in schema:
        target: Any = root
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = {**target, **{k: v for k, v in schema.items() if k != "$ref"}}
    return schema


def _alone(schema: Schema) -> Schema:
    """A schema without alternatives, as the only one; its default counts for the whole."""
    return {keyword: value for keyword, value in schema.items() if keyword != "default"}


def _name(schema: Schema) -> str:
    return str(schema.get("title") or schema.get("format") or schema.get("type") or "a value")


def _said(keyword: str, before: Any, now: Any) -> str:
    """A changed keyword in words, with its direction where there is one."""
    was, is_ = ("nothing" if v is _ABSENT else json.dumps(v, default=str) for v in (before, now))
    if keyword in _LOWER | _UPPER:
        tighter = now is not _ABSENT and (before is _ABSENT or (now > before) == (keyword in _LOWER))
        return f"{'narrowed' if tighter else 'widened'}: {keyword} was {was} and is {is_} now"
    return f"{keyword} was {was} and is {is_} now"
