"""Who may call what: every route is walked with every role and without a token."""

from __future__ import annotations

from typing import Any

import pytest

from services.registration.entrypoints.http import examples
from shared.runtime.identity import Role
from tests.component.registration.front import Front
from tests.support.access import access_of

O, I, E, P = Role.OFFICER, Role.INSTITUTION, Role.EXPERT, Role.OPERATOR  # noqa: E741 - a table reads better narrow

TABLE: dict[tuple[str, str], frozenset[Role] | None] = {
    ("POST", "/institutions"): frozenset({O, I}),
    ("GET", "/institutions"): frozenset({O, I}),
    ("GET", "/institutions/{id}"): frozenset({O, I}),
    ("POST", "/institutions/{id}/verification"): frozenset({O}),
    ("POST", "/institutions/{id}/contacts"): frozenset({O, I}),
    ("GET", "/institutions/{id}/contacts"): frozenset({O, I}),
    ("GET", "/institutions/{id}/contacts/{contact_id}"): frozenset({O, I}),
    ("PUT", "/institutions/{id}/contacts/{contact_id}"): frozenset({O, I}),
    ("POST", "/staff"): frozenset({O}),
    ("GET", "/staff"): frozenset({O}),
    ("GET", "/staff/{id}"): frozenset({O}),
    ("PUT", "/staff/{id}"): frozenset({O}),
    ("POST", "/delegations"): frozenset({O}),
    ("GET", "/delegations"): frozenset({O}),
    ("GET", "/delegations/{id}"): frozenset({O}),
    ("PUT", "/delegations/{id}"): frozenset({O}),
    ("POST", "/experts"): frozenset({O, E}),
    ("GET", "/experts"): frozenset({O, E}),
    ("GET", "/experts/{id}"): frozenset({O, E}),
    ("PUT", "/experts/{id}"): frozenset({O, E}),
    ("POST", "/experts/{id}/activation"): frozenset({O}),
    ("POST", "/experts/{id}/pending-version/acceptance"): frozenset({O}),
    ("POST", "/experts/{id}/pending-version/refusal"): frozenset({O}),
    ("POST", "/requests"): frozenset({O, I}),
    ("GET", "/requests"): frozenset({O, I}),
    ("GET", "/requests/{id}"): frozenset({O, I}),
    ("PUT", "/requests/{id}"): frozenset({O, I}),
    ("POST", "/requests/{id}/submission"): frozenset({I}),
    ("POST", "/requests/{id}/approval"): frozenset({O}),
    ("POST", "/requests/{id}/rejection"): frozenset({O}),
    ("GET", "/requests/{id}/timeline"): frozenset({O, I}),
    ("GET", "/actions"): frozenset({O, I}),
    ("GET", "/actions/{id}"): frozenset({O, I}),
    ("GET", "/terms-of-reference"): frozenset({O, I}),
    ("GET", "/terms-of-reference/{id}"): frozenset({O, I}),
    ("PUT", "/terms-of-reference/{id}"): frozenset({O}),
    ("POST", "/terms-of-reference/{id}/finalisation"): frozenset({O}),
    ("GET", "/vocabulary/themes"): None,
    ("GET", "/vocabulary/languages"): None,
    ("GET", "/vocabulary/countries"): None,
    ("GET", "/vocabulary/country-groups"): None,
    ("GET", "/vocabulary/lists/{kind}"): None,
}
"""None is public."""

BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/institutions"): examples.INSTITUTION,
    ("POST", "/institutions/{id}/verification"): examples.FINDING,
    ("POST", "/institutions/{id}/contacts"): examples.CONTACT,
    ("PUT", "/institutions/{id}/contacts/{contact_id}"): examples.CONTACT,
    ("POST", "/staff"): examples.STAFF,
    ("PUT", "/staff/{id}"): examples.STAFF,
    ("POST", "/delegations"): examples.DELEGATION,
    ("PUT", "/delegations/{id}"): examples.DELEGATION,
    ("POST", "/experts"): examples.EXPERT,
    ("PUT", "/experts/{id}"): examples.EXPERT,
    ("POST", "/experts/{id}/activation"): examples.ACTIVATION,
    ("POST", "/experts/{id}/pending-version/acceptance"): examples.REVISION_ACCEPTANCE,
    ("POST", "/experts/{id}/pending-version/refusal"): examples.REVISION_REFUSAL,
    ("POST", "/requests"): examples.REQUEST,
    ("PUT", "/requests/{id}"): examples.REQUEST,
    ("POST", "/requests/{id}/approval"): examples.DESIGN,
    ("POST", "/requests/{id}/rejection"): examples.REJECTION,
    ("PUT", "/terms-of-reference/{id}"): examples.TERMS,
}


def test_the_table_is_the_interface(front: Front) -> None:
    """A route that is added, dropped or opened to somebody else must be written down here."""
    ours = {
        (a.method, a.path): a.roles
        for a in access_of(front.service.app)
        if a.path not in ("/metrics", "/docs", "/openapi.json") and not a.path.startswith(("/health", "/operations"))
    }
    assert {k: v for k, v in ours.items() if "asyncapi" not in k[1]} == TABLE


@pytest.mark.parametrize(("method", "path"), sorted(TABLE))
async def test_each_role_gets_what_the_table_says(front: Front, method: str, path: str) -> None:
    """Whoever is not in the table gets 403, a stranger 401; the others get past the door."""
    allowed = TABLE[method, path]
    url = path.replace("{id}", "nobody_1").replace("{contact_id}", "nobody_2").replace("{kind}", "format")
    body = BODIES.get((method, path))
    for role in Role:
        answer = await front.call(
            method, url, front.token(role.value, institution_id="nobody_1" if role is I else None), body, If_Match='"1"'
        )
        if allowed is None or role in allowed:
            assert answer.status_code in (200, 201, 404, 412, 422), (role, answer.text)
        else:
            assert answer.status_code == 403, (role, answer.text)
    nobody = await front.call(method, url, {}, body, If_Match='"1"')
    assert nobody.status_code == (200 if allowed is None else 401)


@pytest.mark.parametrize("path", ["/actions", "/terms-of-reference"])
async def test_a_token_that_names_no_institution_is_told_so_instead_of_an_empty_list(front: Front, path: str) -> None:
    answer = await front.call("GET", path, front.token("institution"))
    assert answer.status_code == 403
    assert answer.json()["detail"] == "your token names no institution"
    assert "institution_id" in answer.json()["mend"]


@pytest.mark.parametrize(("path", "role"), [("/requests", I), ("/institutions", I), ("/experts", E)])
async def test_a_newcomer_lists_what_they_have_entered_themselves(front: Front, path: str, role: Role) -> None:
    assert await front.done("GET", path, front.token(role)) == {"items": [], "next": None}


async def test_a_forged_token_opens_nothing(front: Front) -> None:
    now = int(front.clock.now().timestamp())
    for claims in ({"iss": "http://elsewhere.test"}, {"exp": now - 3600}, {"aud": "other"}, {"role": "king"}):
        headers = front.token("officer", **claims)
        assert (await front.call("GET", "/staff", headers)).status_code == 401, claims
    assert (await front.call("GET", "/staff", {"Authorization": "Bearer x.y.z"})).status_code == 401
