"""Bad input: refused with what, where and how to mend it; never a fault of ours, and nothing changes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any, get_args

import pytest

from services.registration.domain.request import RequestStatus
from services.registration.entrypoints.http import examples
from shared.vocabulary import TERM_KINDS
from tests.component.registration.front import Front

SAMPLES: dict[str, dict[str, Any]] = {
    "/institutions": examples.INSTITUTION,
    "/staff": examples.STAFF,
    "/delegations": examples.DELEGATION,
    "/experts": examples.EXPERT,
    "/requests": examples.REQUEST,
}
HOSTILE: list[Any] = [
    None, True, 0, -1, 10**30, 1.5, "", " ", "x" * 6000, "\u0000", "a\nb", [], {}, [None], ["A01", "A01"], [{}],
    {"": 1}, "Z99", "2031-02-30", "2031-01-01T00:00:00", 1_700_000_000, "0000-01-01", "<script>", "a@b", ["x"] * 200,
]  # fmt: skip
BACKWARDS = {"first_day": "2031-02-01", "last_day": "2031-01-01"}
SIXTEEN = [{"code": f"{theme}0{n}", "level": 1, "years": 1} for theme in "AB" for n in range(1, 9)]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        for key, inner in value.items():
            found += _places(inner, (*path, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            found += _places(inner, (*path, at))
    return found


def _with(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = deepcopy(body)
    here = changed
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    return changed


@pytest.mark.no_cover
@pytest.mark.parametrize("path", sorted(SAMPLES))
async def test_nothing_hostile_is_more_than_a_refusal(front: Front, path: str) -> None:
    """Each value at each place: accepted, or a problem with a place and a mend."""
    for place in _places(SAMPLES[path]):
        for value in HOSTILE:
            answer = await front.call("POST", path, front.officer, _with(SAMPLES[path], place, value))
            assert answer.status_code in (201, 404, 422), (place, value, answer.text)
            if answer.status_code == 422:
                faults = answer.json()["faults"]
                assert faults, (place, value, answer.text)
                assert all(f["pointer"] and f["mend"] for f in faults), (place, value, faults)


@pytest.mark.parametrize(
    ("path", "change", "pointer", "said"),
    [
        ("/institutions", {"country": "EL"}, "/country", "EL"),
        ("/institutions", {"themes": ["A01", "Z99"]}, "/themes/1", "Z99"),
        ("/institutions", {"institution_type": "bank"}, "/institution_type", "bank"),
        ("/institutions", {"name": {}}, "/name", ""),
        ("/institutions", {"name": {"xx": "Name"}}, "/name", "xx"),
        ("/institutions", {"nme": "x"}, "/nme", ""),
        ("/staff", {"functions": []}, "/functions", ""),
        ("/staff", {"email": "nobody"}, "/email", "address"),
        ("/staff", {"email": "a@b.example\nBcc: x@y.example"}, "/email", "address"),
        ("/staff", {"family_name": "A\nB"}, "/family_name", "line"),
        ("/staff", {"active_from": "2031-02-01", "active_to": "2031-01-01"}, "", "before"),
        ("/staff", {"active_from": "2031-02-01T00:00:00"}, "/active_from", "YYYY-MM-DD"),
        ("/delegations", {"countries": ["NG", "NG"]}, "/countries", "NG"),
        ("/requests", {"themes": ["A01", "A02", "A03", "A04"]}, "/themes", ""),
        ("/requests", {"context": "x" * 5001}, "/context", "5000"),
        ("/requests", {"preferred_period": BACKWARDS}, "/preferred_period", "before"),
        ("/requests", {"urgency": "very"}, "/urgency", "normal"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_named_with_its_place(
    front: Front, path: str, change: dict[str, Any], pointer: str, said: str
) -> None:
    answer = await front.call("POST", path, front.officer, {**SAMPLES[path], **change})
    assert answer.status_code == 422, answer.text
    fault = answer.json()["faults"][0]
    assert fault["pointer"].startswith(pointer)
    assert said in fault["detail"] + fault["mend"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"languages": []}, "/profile/languages"),
        ({"languages": [{"language": "en", "level": "C3"}]}, "/profile/languages/0/level"),
        ({"languages": [{"language": "en", "level": "C1"}] * 2}, "/profile/languages"),
        ({"themes": [{"code": "A01", "level": 5, "years": 1}]}, "/profile/themes/0/level"),
        ({"summary": "word " * 151}, "/profile/summary"),
        ({"general_declaration_on": "2031-01-11"}, "/profile/general_declaration_on"),
        ({"assignments": [{"country": "PE", "year": 2032}]}, "/profile/assignments/0/year"),
        (
            {"previous_employments": [{"country": "DE", "employer_type": "ministry", "since": "2100-01-01"}]},
            "/profile/previous_employments/0/since",
        ),
        (
            {"previous_employments": [{"country": "DE", "employer_type": "ministry", "until": "2100-01-01"}]},
            "/profile/previous_employments/0/until",
        ),
        ({"years_total": 71}, "/profile/years_total"),
        ({"themes": SIXTEEN}, "/profile/themes"),
    ],
)  # fmt: skip
async def test_a_profile_keeps_its_limits(front: Front, change: dict[str, Any], pointer: str) -> None:
    body = deepcopy(examples.EXPERT)
    body["profile"].update(change)
    answer = await front.call("POST", "/experts", front.officer, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["faults"][0]["pointer"] == pointer


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"title": "\xff"}', "application/json", 400),
        (b"title=x", "application/x-www-form-urlencoded", 415),
        (b'{"title": "' + b"x" * 1_000_001 + b'"}', "application/json", 413),
        (b'{"title": "\\ud800"}', "application/json", 422),
        (b"[]", "application/json", 422),
        (b"", "application/json", 422),
    ],
)
async def test_a_body_that_cannot_be_read(front: Front, content: bytes, kind: str, status: int) -> None:
    headers = {**front.officer, "Content-Type": kind}
    answer = await front.http.post("/requests", content=content, headers=headers)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=101", "limit=x", "after=x", "status=open", "country=EL", "theme=Z9", f"institution={'x' * 81}"],
)
async def test_bad_filters_are_refused(front: Front, query: str) -> None:
    answer = await front.call("GET", f"/requests?{query}", front.officer)
    assert answer.status_code == 422
    assert answer.json()["faults"][0]["pointer"].startswith("query:")


@pytest.mark.parametrize(
    ("change", "listed"),
    [
        ({"themes": ["ZZ9"]}, "GET /vocabulary/themes"),
        ({"country": "XX"}, "ISO 3166-1 alpha-2"),
        ({"institution_type": "bank"}, "GET /vocabulary/lists/institution_type"),
        ({"name": {"xx": "Name"}}, "GET /vocabulary/languages"),
    ],
)
async def test_an_unknown_code_names_the_list_of_the_known_ones(
    front: Front, change: dict[str, Any], listed: str
) -> None:
    answer = await front.call("POST", "/institutions", front.officer, {**SAMPLES["/institutions"], **change})
    assert listed in answer.json()["mend"]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("/institutions?theme=ZZ9", "GET /vocabulary/themes"),
        ("/institutions?country=XX", "ISO 3166-1 alpha-2"),
        ("/institutions?institution_type=bank", "GET /vocabulary/lists/institution_type"),
        ("/experts?category=bank", "GET /vocabulary/lists/expert_category"),
    ],
)
async def test_a_filter_for_an_unknown_code_names_the_list_too(front: Front, query: str, listed: str) -> None:
    answer = await front.call("GET", query, front.officer)
    assert answer.status_code == 422
    assert listed in answer.json()["mend"]
    path, _, name = query.partition("?")
    told = front.service.app.openapi()["paths"][path]["get"]["parameters"]
    assert listed in next(p["description"] for p in told if p["name"] == name.partition("=")[0])


def test_the_schema_says_where_the_codes_are(front: Front) -> None:
    told = front.service.app.openapi()["components"]["schemas"]["InstitutionFacts"]["properties"]
    assert told["themes"]["items"]["description"] == "a code: see GET /vocabulary/themes"
    assert "ISO 3166-1" in told["country"]["description"]
    assert "/vocabulary/lists/institution_type" in told["institution_type"]["description"]


async def test_every_choice_is_told_to_its_end(front: Front) -> None:
    for path, last in (("/requests?status=foo", get_args(RequestStatus)), ("/vocabulary/lists/nope", TERM_KINDS)):
        told = (await front.call("GET", path, front.officer)).json()
        assert all(f"'{choice}'" in told["detail"] and f"'{choice}'" in told["mend"] for choice in last), told


async def test_an_element_at_fault_brings_no_second_fault(front: Front) -> None:
    own = await front.institution()
    contact = {**examples.CONTACT, "functions": ["boss"]}
    expert = deepcopy(examples.EXPERT)
    expert["profile"]["languages"] = [{"language": "en", "level": "Z9"}]
    design = deepcopy(examples.DESIGN)
    design["positions"][0]["languages"] = [{"language": "en", "level": "Z9"}]
    approval = f"/requests/{(await front.submitted(own))['id']}/approval"
    for path, body, pointer in (
        (f"/institutions/{own}/contacts", contact, "/functions/0"),
        ("/experts", expert, "/profile/languages/0/level"),
        (approval, design, "/positions/0/languages/0/level"),
    ):
        told = (await front.call("POST", path, front.officer, body)).json()
        assert [fault["pointer"] for fault in told["faults"]] == [pointer]
        assert "more)" not in told["detail"]


@pytest.mark.parametrize(
    ("change", "detail", "mend"),
    [
        ({"family_name": "x" * 101}, "it has more than 100 characters", "Use at most 100 characters."),
        ({"family_name": " "}, "it has fewer than 1 character", "Use at least 1 character."),
        ({"functions": []}, "it has fewer than 1 item", "Give at least 1 item."),
        ({"functions": "manager"}, "this is not a list", "Give a list."),
        ({"active_from": "2031-13-01"}, "there is no such day", "Give a day of the calendar, such as 2030-01-31."),
        ({"active_from": "2031-02-02", "active_to": "2031-02-01"},
         "active_to 2031-02-01 lies before active_from 2031-02-02", "Give an active_to on or after active_from."),
    ],
)  # fmt: skip
async def test_a_fault_is_told_in_plain_words(front: Front, change: dict[str, Any], detail: str, mend: str) -> None:
    answer = await front.call("POST", "/staff", front.officer, {**examples.STAFF, **change})
    (fault,) = answer.json()["faults"]
    assert (fault["detail"], fault["mend"]) == (detail, mend)


async def test_a_limit_is_written_as_people_write_it(front: Front) -> None:
    body = deepcopy(examples.EXPERT)
    body["profile"]["years_total"] = 70.5
    (fault,) = (await front.call("POST", "/experts", front.officer, body)).json()["faults"]
    assert (fault["detail"], fault["mend"]) == ("it is more than 70", "Give at most 70.")


async def test_several_missing_things_are_missing(front: Front) -> None:
    own = await front.institution()
    draft = await front.done("POST", "/requests", front.partner(own), {"title": "Only a title"})
    told = await front.call("POST", f"/requests/{draft['id']}/submission", front.partner(own))
    said = {fault["pointer"]: fault["detail"] for fault in told.json()["faults"]}
    assert said["/objectives"] == "the objectives are missing"
    assert said["/context"] == "the context is missing"


@pytest.mark.parametrize("path", ["/requests", "/institutions", "/experts", "/actions", "/terms-of-reference"])
@pytest.mark.parametrize(("id_", "status"), [("nobody", 404), ("%00", 404), ("..%2F..", 404), ("x" * 81, 422)])
async def test_unknown_ids_are_not_found(front: Front, path: str, id_: str, status: int) -> None:
    answer = await front.call("GET", f"{path}/{id_}", front.officer)
    assert answer.status_code == status


async def test_bad_decisions_change_nothing(front: Front) -> None:
    request = await front.submitted()
    path = f"/requests/{request['id']}"
    for body in ({}, {"reason_code": "mood", "reason": "We do not like it at all."}, {"reason_code": "other"}):
        assert (await front.call("POST", f"{path}/rejection", front.officer, body)).status_code == 422
    assert (await front.done("GET", path, front.officer))["version"] == request["version"]


@pytest.mark.no_cover
async def test_nothing_hostile_in_a_design_is_more_than_a_refusal(front: Front) -> None:
    own = await front.institution()
    request = await front.submitted(own)
    for place in _places(examples.DESIGN):
        for value in HOSTILE:
            body = _with(examples.DESIGN, place, value)
            answer = await front.call("POST", f"/requests/{request['id']}/approval", front.officer, body)
            assert answer.status_code in (200, 422), (place, value, answer.text)
            if answer.status_code == 200:
                request = await front.submitted(own)
            else:
                assert all(f["mend"] for f in answer.json()["faults"]), (place, value, answer.text)
