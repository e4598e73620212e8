"""A misspelt filter is refused: ignored, it would show everything."""

from __future__ import annotations

from tests.component.runtime.sample import Sample


async def test_an_unknown_query_parameter_is_refused_and_named() -> None:
    async with Sample().client() as http:
        answer = await http.get("/health/live", params={"request_id": "req_1"})
        listed = await http.get("/things", params={"limit": "1"})
        misspelt = await http.get("/things", params={"limits": "1"})
    assert listed.status_code == 200
    assert misspelt.status_code == 422
    assert "limit" in misspelt.json()["mend"]
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["faults"][0]["pointer"] == "query:request_id"
    assert "none" in problem["mend"]


async def test_a_parameter_given_twice_is_refused_and_named() -> None:
    """The last would count, and the first be lost without a word."""
    async with Sample().client() as http:
        answer = await http.get("/things", params=[("limit", "1"), ("limit", "2")])
    assert answer.status_code == 422
    assert answer.json()["faults"] == [
        {"pointer": "query:limit", "detail": "it is given more than once", "mend": "Give it once."}
    ]
