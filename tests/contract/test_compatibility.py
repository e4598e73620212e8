"""A difference that would break a reader or a kept record is found and named by its place; an addition passes."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import Field, create_model

from shared.contracts import freeze
from shared.contracts.catalogue import CONTRACTS, Contract
from shared.contracts.compatibility import breaks, differences
from shared.contracts.envelope import EventData, Id
from shared.contracts.schema import file_of, record_schema
from shared.contracts.topics import REQUESTS

Fields = dict[str, Any]


class Line(EventData):
    """One line."""

    code: str
    level: int = Field(ge=1, le=4)


SAMPLE: Fields = {
    "name": (str, ...),
    "count": (int, ...),
    "share": (float, ...),
    "status": (Literal["open", "closed"], ...),
    "kind": (Literal["sample"], "sample"),
    "day": (date, ...),
    "code": (Annotated[str, Field(max_length=10)], ...),
    "rank": (Annotated[int, Field(ge=1)], ...),
    "note": (str | None, None),
    "lines": (tuple[Line, ...], ()),
    "line": (Line | None, None),
    "names": (dict[str, str], ...),
}


def contract(fields: Fields, name: str = "sample.said") -> Contract:
    model = create_model("SampleSaid", __base__=EventData, __doc__="A sample.", **fields)
    return Contract(name, 1, REQUESTS, model, ())


def schema(changed: Fields | None = None, without: str = "") -> dict[str, Any]:
    return record_schema(contract({k: v for k, v in {**SAMPLE, **(changed or {})}.items() if k != without}))


class Level(StrEnum):
    LOW = "low"


class StricterLine(EventData):
    """One line."""

    code: str
    level: int = Field(ge=1, le=3)


class LongerLine(Line):
    """One line, with more to say."""

    weight: float | None = None


class DemandingLine(Line):
    """One line."""

    weight: float


def test_nothing_changed_is_no_difference() -> None:
    assert differences(schema(), schema()) == []


@pytest.mark.parametrize(
    ("changed", "place", "said"),
    [
        ({"count": (str, ...)}, "data.count", "type"),
        ({"share": (int, ...)}, "data.share", "type"),
        ({"count": (float, ...)}, "data.count", "type"),
        ({"status": (Literal["open"], ...)}, "data.status", 'narrowed: the value "closed"'),
        ({"status": (Literal["open", "closed", "lost"], ...)}, "data.status", 'widened: the value "lost"'),
        ({"status": (str, ...)}, "data.status", "enum"),
        ({"name": (Level, ...)}, "data.name", "enum"),
        ({"kind": (Literal["other"], "other")}, "data.kind", "narrowed"),
        ({"day": (str, ...)}, "data.day", "format"),
        ({"code": (Annotated[str, Field(max_length=9)], ...)}, "data.code", "narrowed: maxLength"),
        ({"code": (Annotated[str, Field(max_length=11)], ...)}, "data.code", "widened: maxLength"),
        ({"code": (str, ...)}, "data.code", "widened: maxLength"),
        ({"name": (Id, ...)}, "data.name", "narrowed: minLength"),
        ({"name": (Annotated[str, Field(pattern="^a")], ...)}, "data.name", "pattern"),
        ({"rank": (Annotated[int, Field(ge=2)], ...)}, "data.rank", "narrowed: minimum"),
        ({"rank": (Annotated[int, Field(ge=0)], ...)}, "data.rank", "widened: minimum"),
        ({"note": (str | None, ...)}, "data.note", "narrowed: the field was optional"),
        ({"note": (str, "")}, "data.note", "narrowed: null"),
        ({"note": (int | None, None)}, "data.note", "type"),
        ({"note": (str | None, "x")}, "data.note", "default"),
        ({"name": (str | None, ...)}, "data.name", "widened: null"),
        ({"name": (str, "x")}, "data.name", "widened: the field was always there"),
        ({"lines": (tuple[StricterLine, ...], ())}, "data.lines[].level", "narrowed: maximum"),
        ({"lines": (tuple[DemandingLine, ...], ())}, "data.lines[].weight", "new field is required"),
        ({"lines": (tuple[str, ...], ())}, "data.lines[]", "type"),
        ({"lines": (Annotated[tuple[Line, ...], Field(min_length=1)], ...)}, "data.lines", "narrowed: minItems"),
        ({"line": (StricterLine | None, None)}, "data.line.level", "narrowed: maximum"),
        ({"names": (dict[str, int], ...)}, "data.names.*", "type"),
        ({"added": (int, ...)}, "data.added", "new field is required"),
    ],
    ids=lambda value: str(value)[:50] if isinstance(value, dict | str) else None,
)
def test_a_change_of_meaning_is_a_break_at_its_place(changed: Fields, place: str, said: str) -> None:
    found = breaks(schema(), schema(changed))
    assert [b for b in found if b.place == place and said in b.what], [str(b) for b in found]


@pytest.mark.parametrize("field", SAMPLE)
def test_a_removed_field_is_a_break(field: str) -> None:
    (found,) = breaks(schema(), schema(without=field))
    assert found.place == f"data.{field}"
    assert found.what.startswith("field removed")


def test_a_renamed_field_is_named_as_such() -> None:
    found = breaks(schema(), schema({"total": (int, ...)}, without="count"))
    assert "data.count: field removed, or renamed to 'total'" in [str(each) for each in found]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"added": (int | None, None)}, "data.added"),
        ({"added": (tuple[Line, ...], ())}, "data.added"),
        ({"lines": (tuple[LongerLine, ...], ())}, "data.lines[].weight"),
        ({"line": (LongerLine | None, None)}, "data.line.weight"),
    ],
    ids=["field", "list", "field in a list", "field in an optional object"],
)
def test_an_added_optional_field_breaks_nobody(changed: Fields, place: str) -> None:
    assert breaks(schema(), schema(changed)) == []
    assert [d.place for d in differences(schema(), schema(changed))] == [place]


def test_an_optional_field_added_to_each_of_several_alternatives_breaks_nobody() -> None:
    def either(**added: Any) -> Fields:
        one, other = (
            create_model(name, __base__=EventData, **{name: (int, ...), **added}) for name in ("One", "Other")
        )
        return {"either": (one | other, ...)}

    found = differences(schema(either()), schema(either(note=(str | None, None))))
    assert [(d.place, d.breaks) for d in found] == [("data.either.note", False)] * 2
    assert breaks(schema(either()), schema(either(note=(str, ...))))


class Kinded(EventData):
    """One of two by its kind."""

    kind: Literal["kinded"] = "kinded"


class OtherKind(EventData):
    """The other."""

    kind: Literal["other"] = "other"


@pytest.mark.parametrize(
    ("unseen", "keyword"),
    [
        (Annotated[Kinded | OtherKind, Field(discriminator="kind")], "oneOf"),
        (tuple[int, Line], "prefixItems"),
        (dict[Annotated[str, Field(pattern="^a")], int], "patternProperties"),
    ],
    ids=["oneOf", "prefixItems", "patternProperties"],
)
def test_what_is_not_looked_into_may_not_stand_in_a_contract(unseen: Any, keyword: str) -> None:
    """The references inside stay as they are whatever changes behind them, and a break would pass."""
    same = schema({"added": (unseen, ...)})
    (found,) = breaks(same, same)
    assert found.place == "data.added"
    assert found.what.startswith(f"{keyword} is not looked into")


def test_wording_is_no_difference() -> None:
    assert differences(schema(), schema({"name": (Annotated[str, Field(description="new words")], ...)})) == []


def test_the_envelope_counts_too() -> None:
    changed = deepcopy(schema())
    changed["required"].append("causation_id")
    assert [str(b) for b in breaks(schema(), changed)] == [
        "causation_id: narrowed: the field was optional and is required now"
    ]


@pytest.mark.parametrize("one", CONTRACTS, ids=lambda one: one.key)
def test_every_field_of_every_contract_is_watched(one: Contract) -> None:
    """Whatever field were to go, the check would name it."""
    frozen = record_schema(one)
    for name in one.model.model_fields:
        changed = deepcopy(frozen)
        definition = changed["$defs"][one.model.__name__]
        del definition["properties"][name]
        definition["required"] = [n for n in definition.get("required", ()) if n != name]
        assert [b.place for b in breaks(frozen, changed)] == [f"data.{name}"]


def frozen(directory: Path, *contracts: Contract) -> Path:
    assert freeze.write(contracts, directory) == []
    return directory


def without(field: str) -> Contract:
    return contract({k: v for k, v in SAMPLE.items() if k != field})


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (without("count"), "data.count: field removed"),
        (contract({**SAMPLE, "status": (Literal["open"], ...)}), "data.status: narrowed"),
        (contract({**SAMPLE, "added": (int, ...)}), "data.added: new field is required"),
    ],
    ids=["removed field", "narrowed type", "new required field"],
)
def test_the_check_fails_on_a_breaking_difference_and_writing_refuses_it(
    tmp_path: Path, now: Contract, said: str
) -> None:
    directory = frozen(tmp_path, contract(SAMPLE))
    before = (directory / file_of(now)).read_text("utf-8")
    (finding,) = freeze.findings((now,), directory)
    assert finding.wrong
    assert finding.file == "registration.requests/sample.said.v1.json"
    assert finding.said.startswith(said)
    assert freeze.write((now,), directory) == [finding]
    assert (directory / file_of(now)).read_text("utf-8") == before


def test_the_check_passes_an_addition_with_a_notice_until_it_is_frozen(tmp_path: Path) -> None:
    directory = frozen(tmp_path, contract(SAMPLE))
    now = contract({**SAMPLE, "added": (int | None, None)})
    (finding,) = freeze.findings((now,), directory)
    assert not finding.wrong
    assert finding.said == "data.added: optional field added: run --write to freeze the addition"
    assert freeze.write((now,), directory) == []
    assert freeze.findings((now,), directory) == []
    (removed_again,) = freeze.findings((contract(SAMPLE),), directory)
    assert removed_again.wrong


def test_a_removed_contract_and_a_new_one_without_a_file_fail(tmp_path: Path) -> None:
    old, new = contract(SAMPLE), contract(SAMPLE, "sample.unsaid")
    directory = frozen(tmp_path, old)
    found = freeze.findings((new,), directory)
    assert [(f.file.rpartition("/")[2], f.wrong) for f in found] == [
        ("sample.unsaid.v1.json", True),
        ("sample.said.v1.json", True),
    ]
    (left,) = freeze.write((new,), directory)
    assert "contract removed" in left.said
    assert freeze.findings((old, new), directory) == []


def test_the_contracts_are_as_they_are_frozen(capsys: pytest.CaptureFixture[str]) -> None:
    status = freeze.main(["--check"])
    said = capsys.readouterr().out
    assert status == 0, said
    assert f"{len(CONTRACTS)} contracts, 0 breaking differences" in said


def break_one(directory: Path, change: Callable[[dict[str, Any]], None]) -> str:
    path = directory / "registration.requests/request.rejected.v1.json"
    kept = json.loads(path.read_text("utf-8"))
    change(kept)
    path.write_text(json.dumps(kept), "utf-8")
    return path.name


def test_the_command_names_contract_and_place_and_exits_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Planted: the frozen file promises a field that the model does not have."""
    assert freeze.main(["--write"], directory=tmp_path) == 0

    def promise(kept: dict[str, Any]) -> None:
        kept["$defs"]["RequestRejected"]["properties"]["appeal_by"] = {"type": "string", "format": "date"}

    name = break_one(tmp_path, promise)
    assert freeze.main(["--check"], directory=tmp_path) == 1
    said = capsys.readouterr().out
    assert name in said
    assert "data.appeal_by: field removed" in said
    assert "new version on a new topic" in said
    assert freeze.main(["--write"], directory=tmp_path) == 1
