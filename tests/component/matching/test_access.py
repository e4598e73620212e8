"""Every route, called by every role and by nobody: only those it declares come in."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from deploy.identity.tokens import Issuer
from shared.runtime.identity import Role
from tests.support import matching_events as say
from tests.support.access import access_of
from tests.support.matching_world import World, issuer, token

PUBLIC = {"/docs", "/health/live", "/health/ready", "/metrics", "/asyncapi"}
AVAILABILITY = "/experts/{expert_id}/availability"
ALLOWED: dict[tuple[str, str], dict[str, int]] = {
    ("GET", AVAILABILITY): {"expert": 200, "officer": 200},
    ("PUT", AVAILABILITY): {"expert": 428, "officer": 428},
    ("GET", "/searches"): {"officer": 200},
    ("GET", "/searches/{search_id}"): {"officer": 200},
    ("GET", "/searches/{search_id}/candidates/{expert_id}"): {"officer": 200},
    ("GET", "/positions"): {"institution": 200, "officer": 200},
    ("GET", "/positions/{position_id}"): {"institution": 200, "officer": 200},
    ("POST", "/positions/{position_id}/search"): {"officer": 409},
    ("POST", "/positions/{position_id}/shortlist-approval"): {"officer": 409},
    ("GET", "/offers"): {"expert": 200, "officer": 200},
    ("GET", "/offers/{offer_id}"): {"expert": 200, "officer": 200},
    ("GET", "/offers/{offer_id}/explanation"): {"expert": 200, "officer": 200},
    ("POST", "/offers/{offer_id}/acceptance"): {"expert": 200},
    ("POST", "/offers/{offer_id}/decline"): {"expert": 409},
    ("GET", "/teams"): {"institution": 200, "officer": 200},
    ("GET", "/teams/{team_id}"): {"institution": 200, "officer": 200},
    ("GET", "/operations/setup"): {"operator": 200},
    ("GET", "/operations/parked"): {"operator": 200},
    ("GET", "/operations/parked/{id}"): {"operator": 404},
    ("GET", "/operations/parked/{id}/acts"): {"operator": 404},
    ("POST", "/operations/parked/{id}/redrive"): {"operator": 404},
    ("POST", "/operations/parked/{id}/mend"): {"operator": 404},
    ("POST", "/operations/parked/{id}/discard"): {"operator": 404},
    ("POST", "/operations/republish"): {"operator": 404},
    ("POST", "/operations/rebuilds/{view}"): {"operator": 404},
    ("GET", "/operations/rebuilds/{view}"): {"operator": 404},
}
"""Who may call what, and what they are answered in a case where exp_1 has been asked for the first position."""
PARKED = {"reason": "sample reason", "partition": 0, "offset": 0}
BODIES = {
    ("POST", "/operations/parked/{id}/redrive"): {"reason": "sample reason"},
    ("POST", "/operations/parked/{id}/mend"): {**PARKED, "value": "{}"},
    ("POST", "/operations/parked/{id}/discard"): PARKED,
    ("PUT", AVAILABILITY): {"entries": []},
    ("POST", "/offers/{offer_id}/decline"): {"reason": "dates"},
    ("POST", "/operations/republish"): {"aggregate": "nobody"},
}
WHO = {"institution": say.ASKING, "expert": "exp_1", "officer": "per_officer", "operator": "per_operator"}


@pytest.mark.parametrize(
    ("path", "role", "claim"),
    [
        ("/teams", "institution", "institution_id"),
        ("/positions", "institution", "institution_id"),
        ("/offers", "expert", "expert_id"),
    ],
)
async def test_a_token_that_names_nobody_is_told_so_instead_of_an_empty_list(
    offered: World, path: str, role: str, claim: str
) -> None:
    headers = {"Authorization": f"Bearer {token(role, 'per_newcomer', None, None)}"}
    answer = await offered.call("GET", path, None, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["detail"] == f"your token names no {role}"
    assert claim in answer.json()["mend"]


def test_every_route_is_in_the_table_with_exactly_its_roles(world: World) -> None:
    declared = {(a.method, a.path): a.roles for a in access_of(world.service.app)}
    public = {path for (_, path), roles in declared.items() if roles is None}
    assert public <= PUBLIC
    assert {place: set(roles) for place, roles in declared.items() if roles is not None} == {
        place: {Role(role) for role in answers} for place, answers in ALLOWED.items()
    }


async def test_every_route_answers_every_role_as_the_table_says(offered: World) -> None:
    ids = {
        "expert_id": "exp_1",
        "search_id": say.LEAD,
        "position_id": say.LEAD,
        "offer_id": (await offered.asked())["offer_id"],
        "team_id": (await offered.team())["team_id"],
        "id": "parked_none",
        "view": "nobodys",
    }
    found: dict[tuple[str, str], dict[str, int]] = {}
    anonymous, refused = set(), set()
    for place in ALLOWED:
        method, path = place[0], place[1].format(**ids)
        anonymous.add((await offered.call(method, path, None, body=BODIES.get(place))).status_code)
        for role, who in WHO.items():
            answer = await offered.call(method, path, role, who, body=BODIES.get(place))
            if role in ALLOWED[place]:
                found.setdefault(place, {})[role] = answer.status_code
            else:
                refused.add(answer.status_code)
                assert answer.json()["type"] == "urn:entente:problem:forbidden"
    assert found == ALLOWED
    assert anonymous == {401}
    assert refused == {403}


async def test_operations_are_public_where_they_tell_nothing_of_people(world: World) -> None:
    for path in ("/health/live", "/metrics", "/docs", "/openapi.json"):
        assert (await world.call("GET", path, None)).status_code == 200


@pytest.mark.parametrize("fault", ["another issuer", "expired", "no role", "another audience", "not a token"])
async def test_a_token_that_cannot_be_trusted_opens_nothing(world: World, fault: str, tmp_path: Path) -> None:
    tokens = {
        "another issuer": lambda: Issuer(tmp_path / "other", "http://other.test", clock=world.clock).token(
            "officer", "x"
        ),
        "expired": lambda: issuer().token("officer", "x", lifetime=timedelta(hours=-1)),
        "no role": lambda: issuer().token("officer", "x", claims={"role": "queen"}),
        "another audience": lambda: issuer().token("officer", "x", claims={"aud": "elsewhere"}),
    }
    text = tokens[fault]().access_token if fault in tokens else "not.a.token"
    answer = await world.call("GET", "/positions", None, headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"]
    assert answer.json()["mend"]
