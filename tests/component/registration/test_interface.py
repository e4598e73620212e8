"""The documented interface: complete, and its examples are true."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from services.registration.entrypoints.http import examples, expert_views, views
from tests.component.registration.front import Front


def test_every_operation_is_explained_with_an_example(front: Front) -> None:
    document = front.service.app.openapi()
    ours = [
        (path, method, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if not path.startswith(("/health", "/metrics", "/operations", "/asyncapi"))
    ]
    assert len(ours) == 42
    for path, method, operation in ours:
        place = f"{method} {path}"
        assert operation["summary"], place
        success = [a for status, a in operation["responses"].items() if status.startswith("2")]
        assert success, place
        if operation["tags"] != ["vocabulary"]:
            assert success[0]["content"]["application/json"]["example"], place
            assert {"401", "403", "500", "503"} <= set(operation["responses"]), place
        if "requestBody" in operation:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            assert schema.get("examples"), place
    assert {tag["name"] for tag in document["tags"]} == {tag for _, _, o in ours for tag in o["tags"]}


@pytest.mark.parametrize(
    ("view", "example"),
    [
        (views.InstitutionView, examples.INSTITUTION_VIEW),
        (views.ContactView, examples.CONTACT_VIEW),
        (views.StaffView, examples.STAFF_VIEW),
        (views.DelegationView, examples.DELEGATION_VIEW),
        (expert_views.ExpertView, examples.EXPERT_VIEW),
        (expert_views.ExpertView, examples.EXPERT_PENDING_VIEW),
        (expert_views.ExpertView, examples.EXPERT_ACCEPTED_VIEW),
        (expert_views.ExpertView, examples.EXPERT_REFUSED_VIEW),
        (views.RequestView, examples.REQUEST_VIEW),
        (views.ActionView, examples.ACTION_VIEW),
        (views.TermsView, examples.TERMS_VIEW),
        (views.LineView, examples.TIMELINE_VIEW["items"][0]),
    ],
)
def test_the_examples_are_answers_we_could_give(view: type[BaseModel], example: dict[str, object]) -> None:
    view.model_validate(example)


async def test_answers_are_what_is_documented(front: Front) -> None:
    """What is answered can be read back by the documented model, field for field."""
    terms = await front.terms()
    shown: dict[str, type[BaseModel]] = {
        f"/institutions/{terms['institution_id']}": views.InstitutionView,
        f"/requests/{terms['request_id']}": views.RequestView,
        f"/actions/{terms['action_id']}": views.ActionView,
        f"/terms-of-reference/{terms['id']}": views.TermsView,
        f"/experts/{await front.expert()}": expert_views.ExpertView,
    }
    for path, view in shown.items():
        answer = await front.done("GET", path, front.officer)
        assert view.model_validate(answer).model_dump(mode="json") == answer, path


async def test_the_vocabulary_is_public(front: Front) -> None:
    themes = await front.http.get("/vocabulary/themes")
    assert sum(t["parent"] is not None for t in themes.json()) == 89
    assert (await front.http.get("/vocabulary/languages")).json()["levels"][0]["code"] == "A1"
    places = {c["code"]: c for c in (await front.http.get("/vocabulary/countries")).json()}
    assert places["NG"]["labels"]["es"] == "Nigeria"
    assert (places["NG"]["note"], bool(places["XK"]["note"]["en"])) == (None, True)
    assert "EU27" in [g["code"] for g in (await front.http.get("/vocabulary/country-groups")).json()]
    assert (await front.http.get("/vocabulary/lists/format")).status_code == 200
    assert (await front.http.get("/vocabulary/lists/colours")).status_code == 422
    assert (await front.http.get("/vocabulary/themes?scheme=x")).status_code == 422


async def test_it_is_alive_and_ready(fresh_front: Front) -> None:
    assert (await fresh_front.http.get("/health/live")).status_code == 200
    assert (await fresh_front.http.get("/health/ready")).status_code == 200
