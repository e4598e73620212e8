"""Input that cannot be taken: a problem that says what, where and how to mend it; nothing changes; never a 5xx."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.support import matching_events as say
from tests.support.matching_stage import differences
from tests.support.matching_world import World

CALENDAR = "/experts/exp_1/availability"
APPROVAL = f"/positions/{say.SECOND}/shortlist-approval"
AGAIN = f"/positions/{say.SECOND}/search"
DAY = {"kind": "available", "first_day": "2030-05-01", "last_day": "2030-05-02"}
LONG = "x" * 81


def refused(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem of a refused call."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json()
    assert problem["detail"]
    assert problem["mend"]
    assert problem["correlation_id"]
    return problem


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"nonsense", 400),
        (b"\xff\xfe", 400),
        (b'{"entries": "\\u0000"}', 422),
        (b"[" * 5000, 400),
        (b'{"entries": [1e999]}', 422),
        (b"null", 422),
        (b"[]", 422),
        (b" " * 1_000_001, 413),
    ],
    ids=["nothing", "cut off", "words", "not UTF-8", "NUL", "deep", "infinite", "null", "a list", "over 1 MB"],
)
async def test_a_body_that_is_no_fit_json_is_refused(unchanging: World, content: bytes, status: int) -> None:
    before = await unchanging.everything()
    refused(await unchanging.call("PUT", CALENDAR, content=content, if_match="*"), status)
    assert differences(await unchanging.everything(), before) == {}


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"{nonsense", 400),
        (b"\xff\xfe", 400),
        (b"[" * 5000, 400),
        (b'{"answer": "no"}', 422),
        (b"{" + b" " * 1_000_000, 413),
    ],
    ids=["cut off", "not UTF-8", "deep", "something to say", "over 1 MB"],
)
@pytest.mark.parametrize("key", [None, "mine"])
async def test_a_body_where_none_is_read_is_refused(
    unchanging: World, content: bytes, status: int, key: str | None
) -> None:
    before = await unchanging.everything()
    refused(await unchanging.call("POST", AGAIN, content=content, key=key), status)
    assert differences(await unchanging.everything(), before) == {}


@pytest.mark.parametrize("content", [b"", b"{}", b" null "])
@pytest.mark.parametrize("path", [AGAIN, APPROVAL])
async def test_a_body_that_says_nothing_is_none(opened: World, content: bytes, path: str) -> None:
    assert (await opened.call("POST", path, content=content)).status_code == 200


@pytest.mark.parametrize("search", ["", LONG, 7, ["pos_second"]])
async def test_a_search_that_cannot_be_one_is_named(unchanging: World, search: Any) -> None:
    (fault,) = refused(await unchanging.call("POST", APPROVAL, body={"search_id": search}), 422)["faults"]
    assert fault["pointer"] == "/search_id"


async def test_a_body_that_is_not_declared_as_json_is_refused(unchanging: World) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    refused(await unchanging.call("PUT", CALENDAR, content=b"entries=1", if_match="*", headers=form), 415)


@pytest.mark.parametrize(
    ("entry", "pointer"),
    [
        ({**DAY, "first_day": "2030-05-03"}, "/entries/0"),  # inverted
        ({**DAY, "kind": "perhaps"}, "/entries/0/kind"),
        ({**DAY, "first_day": "1.5.2030"}, "/entries/0/first_day"),
        ({**DAY, "last_day": "2030-02-30"}, "/entries/0/last_day"),
        ({**DAY, "last_day": None}, "/entries/0/last_day"),
        ({**DAY, "max_days": 0}, "/entries/0/max_days"),
        ({**DAY, "modes": ["by_post"]}, "/entries/0/modes/0"),
        ({**DAY, "max_days": 1.0}, "/entries/0/max_days"),
        ({**DAY, "max_days": "3"}, "/entries/0/max_days"),
        ({**DAY, "max_days": True}, "/entries/0/max_days"),
        ({**DAY, "excluded": ["N"]}, "/entries/0/excluded/0"),
        ({**DAY, "excluded": ["NG", "EL"]}, "/entries/0/excluded/1"),  # Greece is GR
        ({**DAY, "excluded": ["ng"]}, "/entries/0/excluded/0"),
        ({**DAY, "excluded": ["NG", "NG"]}, "/entries/0/excluded"),
        ({**DAY, "modes": ["remote", "remote"]}, "/entries/0/modes"),
        ({**DAY, "first_day": "2030-05-01T00:00:00"}, "/entries/0/first_day"),
        ({**DAY, "first_day": "2030-05-01T00:00:00Z"}, "/entries/0/first_day"),
        ({**DAY, "first_day": 1904083200}, "/entries/0/first_day"),
        ({**DAY, "first_day": "20300501"}, "/entries/0/first_day"),
        ({**DAY, "first_day": "1899-12-31"}, "/entries/0/first_day"),
        ({**DAY, "last_day": "2200-01-01"}, "/entries/0/last_day"),
        ({**DAY, "note": "no such field"}, "/entries/0/note"),
        ({"kind": "available"}, "/entries/0/first_day"),
        ("a day", "/entries/0"),
    ],
)
async def test_a_period_that_breaks_a_rule_is_named(unchanging: World, entry: Any, pointer: str) -> None:
    before = await unchanging.everything()
    answer = await unchanging.call("PUT", CALENDAR, body={"entries": [entry]}, if_match="*")
    assert pointer in [fault["pointer"] for fault in refused(answer, 422)["faults"]]
    assert differences(await unchanging.everything(), before) == {}


@pytest.mark.parametrize(
    ("most", "pointer"),
    [
        ({"days_12m": -1}, "/own_maximum/days_12m"),
        ({"days_12m": 367}, "/own_maximum/days_12m"),
        ({"days_12m": "40"}, "/own_maximum/days_12m"),
        ({"assignments": 1.5}, "/own_maximum/assignments"),
        ({"days": 40}, "/own_maximum/days"),
        (40, "/own_maximum"),
        (None, "/own_maximum"),
    ],
)
async def test_an_own_maximum_that_breaks_a_rule_is_named(unchanging: World, most: Any, pointer: str) -> None:
    before = await unchanging.everything()
    answer = await unchanging.call("PUT", CALENDAR, body={"entries": [], "own_maximum": most}, if_match="*")
    (fault,) = refused(answer, 422)["faults"]
    assert fault["pointer"] == pointer
    assert fault["detail"]
    assert fault["mend"]
    assert differences(await unchanging.everything(), before) == {}


async def test_what_was_declared_before_the_rules_is_still_shown(unchanging: World) -> None:
    """Codes and days that are refused today may stand in a calendar."""
    stored = await unchanging.kept["calendars"].get("exp_4")
    assert stored is not None
    old = {**stored["state"]["entries"][0], "excluded": ["XX"], "window": {"start": "0001-01-01", "end": "9999-12-31"}}
    changed = {**stored, "revision": stored["revision"] + 1, "state": {**stored["state"], "entries": [old]}}
    assert await unchanging.kept["calendars"].replace(changed, stored["revision"])
    (shown,) = (await unchanging.get("/experts/exp_4/availability"))["entries"]
    assert (shown["excluded"], shown["first_day"]) == (["XX"], "0001-01-01")


async def test_two_hundred_periods_are_taken_and_one_more_is_not(offered: World) -> None:
    most = await offered.call("PUT", CALENDAR, body={"entries": [DAY] * 200}, if_match="*")
    assert most.status_code == 200
    refused(await offered.call("PUT", CALENDAR, body={"entries": [DAY] * 201}, if_match="*"), 422)


async def test_the_first_and_the_last_day_of_the_calendar_are_taken(offered: World) -> None:
    ever = {"kind": "available", "first_day": "1900-01-01", "last_day": "2199-12-31"}
    for id_ in ("exp_1", "exp_2"):
        await offered.declare(id_, ever)
    await offered.decline()
    assert (await offered.asked())["expert_id"] == "exp_2"


@pytest.mark.parametrize(
    ("path", "role", "who"),
    [
        ("/positions/none", "officer", "per_1"),
        (f"/positions/{'x' * 80}", "institution", say.ASKING),
        ("/searches/none", "officer", "per_1"),
        ("/searches/none/candidates/exp_1", "officer", "per_1"),
        ("/searches/pos_lead/candidates/none", "officer", "per_1"),
        ("/offers/none", "expert", "exp_1"),
        ("/teams/none", "officer", "per_1"),
        ("/experts/none/availability", "officer", "per_1"),
        ("/experts/%C3%A9%00%0A/availability", "officer", "per_1"),
        ("/positions/..%2F..", "officer", "per_1"),
        ("/nothing/here", "officer", "per_1"),
    ],
)
async def test_what_does_not_exist_is_not_found(unchanging: World, path: str, role: str, who: str) -> None:
    refused(await unchanging.call("GET", path, role, who), 404)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("/positions?state=lost", "query:state"),
        ("/positions?limit=0", "query:limit"),
        ("/positions?limit=101", "query:limit"),
        ("/positions?limit=many", "query:limit"),
        ("/positions?after=nonsense", "query:after"),
        ("/positions?after=12~", "query:after"),
        (f"/positions?after={'9' * 16}~x", "query:after"),
        (f"/positions?request={LONG}", "query:request"),
        ("/positions?activity=", "query:activity"),
        ("/searches?stage=final", "query:stage"),
        ("/searches?after=-1~x", "query:after"),
        ("/offers?after=~~~", "query:after"),
        (f"/offers?expert={LONG}", "query:expert"),
        ("/teams?complete=perhaps", "query:complete"),
        (f"/teams/{LONG}", "path:team_id"),
        (f"/searches/{LONG}/candidates/exp_1", "path:search_id"),
    ],
)
async def test_a_question_that_breaks_a_rule_is_named(unchanging: World, path: str, pointer: str) -> None:
    problem = refused(await unchanging.call("GET", path), 422)
    assert pointer in [fault["pointer"] for fault in problem["faults"]]


@pytest.mark.parametrize("header", [{"if_match": "3"}, {"if_match": '"x"'}, {"key": "x" * 201}, {"key": "tab\there"}])
async def test_a_header_that_cannot_be_read_is_refused(unchanging: World, header: dict[str, str]) -> None:
    before = await unchanging.everything()
    refused(await unchanging.call("POST", APPROVAL, **header), 422)  # type: ignore[arg-type]
    assert differences(await unchanging.everything(), before) == {}


async def test_a_method_that_is_not_there_is_refused(unchanging: World) -> None:
    problem = refused(await unchanging.call("DELETE", f"/positions/{say.LEAD}"), 405)
    assert "GET" in problem["mend"]
