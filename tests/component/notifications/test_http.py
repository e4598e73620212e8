"""One's own inbox, and the deliveries for officers and operators: who may see and do what."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.notifications.domain.delivery import delivery_id
from shared.contracts.events.experts import ExpertActivated
from shared.contracts.events.positions import OfferDeadlineApproaching
from shared.contracts.events.requests import RequestSubmitted
from shared.runtime.identity import Role
from tests.component.notifications.world import World, expert
from tests.support.access import access_of
from tests.support.notified_events import AT as HAPPENED
from tests.support.notified_events import OFFER, RESPOND_BY, sample

SECOND = timedelta(seconds=1)
EVERYBODY = set(Role)
FACILITY = {Role.OFFICER, Role.OPERATOR}
MATRIX = {
    ("GET", "/inbox"): EVERYBODY,
    ("POST", "/inbox/{id}/opening"): EVERYBODY,
    ("GET", "/deliveries"): FACILITY,
    ("GET", "/deliveries/{id}"): FACILITY,
    ("POST", "/deliveries/{id}/retry"): FACILITY,
    ("POST", "/deliveries/retries"): FACILITY,
    ("GET", "/operations/setup"): {Role.OPERATOR},
    ("GET", "/operations/parked"): {Role.OPERATOR},
    ("GET", "/operations/parked/{id}"): {Role.OPERATOR},
    ("GET", "/operations/parked/{id}/acts"): {Role.OPERATOR},
    ("POST", "/operations/parked/{id}/redrive"): {Role.OPERATOR},
    ("POST", "/operations/parked/{id}/mend"): {Role.OPERATOR},
    ("POST", "/operations/parked/{id}/discard"): {Role.OPERATOR},
    ("POST", "/operations/rebuilds/{view}"): {Role.OPERATOR},
    ("GET", "/operations/rebuilds/{view}"): {Role.OPERATOR},
}
AT = {"reason": "a sample", "partition": 0, "offset": 0}
SAID = {"retries": {}, "redrive": {"reason": "a sample"}, "mend": {**AT, "value": "{}"}, "discard": AT}
PUBLIC = {"/health/live", "/health/ready", "/metrics", "/docs", "/openapi.json", "/docs/oauth2-redirect", "/asyncapi"}


def _headers(world: World, role: Role) -> dict[str, str]:
    bound = {Role.INSTITUTION: {"institution_id": "ins_1"}, Role.EXPERT: {"expert_id": "exp_1"}}.get(role, {})
    return world.headers(role.value, "per_1", **bound)


@pytest.fixture(scope="module")
def nobody() -> World:
    """A service with nobody known to it, one for all calls that find nothing: making it takes longer than they do."""
    return World()


def test_the_matrix_names_every_operation(nobody: World) -> None:
    declared = {(a.method, a.path): a.roles for a in access_of(nobody.service.app) if a.path not in PUBLIC}
    assert {place: set(roles or ()) for place, roles in declared.items()} == MATRIX


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("method", "path"), list(MATRIX))
async def test_each_role_may_do_what_the_matrix_says(nobody: World, method: str, path: str, role: Role) -> None:
    async with nobody.client() as client:
        body = SAID.get(path.rpartition("/")[2])
        url = path.replace("{id}", "dlv_none")
        answer = await client.request(method, url, headers=_headers(nobody, role), json=body)
    allowed = role in MATRIX[method, path]
    assert (answer.status_code == 403) is not allowed
    assert answer.status_code in {200, 403, 404}


@pytest.mark.parametrize(("method", "path"), list(MATRIX))
async def test_strangers_are_asked_to_sign_in(nobody: World, method: str, path: str) -> None:
    async with nobody.client() as client:
        answer = await client.request(method, path.replace("{id}", "dlv_none"))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


async def test_everybody_reads_their_own_inbox_and_nobody_elses(staffed: World) -> None:
    await staffed.happens(sample(RequestSubmitted))
    async with staffed.client() as client:
        own = await client.get("/inbox", headers=staffed.headers("institution", "per_focal", institution_id="ins_1"))
        other = await client.get(
            "/inbox", headers=staffed.headers("institution", "per_elsewhere", institution_id="ins_2")
        )
    (notice,) = own.json()["items"]
    assert notice["subject"] == "REQ-2027-0001: we have received your request"
    assert (notice["type"], notice["state"], notice["case_id"]) == ("request_received", "delivered", "req_1")
    assert other.json()["items"] == []


async def test_an_institution_reads_the_day_and_no_instant(staffed: World) -> None:
    """To the minute it would tell when each expert answered, which its team and its timeline do not either."""
    await staffed.happens(sample(RequestSubmitted))
    async with staffed.client() as client:
        institutions = await client.get(
            "/inbox", headers=staffed.headers("institution", "per_focal", institution_id="ins_1")
        )
        officers = await client.get("/inbox", headers=staffed.headers("officer", "per_desk"))
    (told,), (known, *_) = institutions.json()["items"], officers.json()["items"]
    assert told["occurred_at"] == f"{HAPPENED.date()}T00:00:00Z"
    assert datetime.fromisoformat(known["occurred_at"]) == HAPPENED


async def test_an_experts_inbox_is_that_of_the_profile_whoever_signs_in(staffed: World) -> None:
    await staffed.happens(sample(ExpertActivated))
    async with staffed.client() as client:
        answer = await client.get("/inbox", headers=staffed.headers("expert", "somebody", expert_id="exp_1"))
        other = await client.get("/inbox", headers=staffed.headers("expert", "exp_1", expert_id="exp_2"))
    assert len(answer.json()["items"]) == 1
    assert other.json()["items"] == []


@pytest.mark.parametrize(
    ("language", "subject"), [("fr", "Votre profil d'expertise est actif"), ("es", "Su perfil de experto está activo")]
)
async def test_the_inbox_follows_the_readers_language(world: World, language: str, subject: str) -> None:
    await world.happens(sample(ExpertActivated))
    headers = world.headers("expert", "x", expert_id="exp_1")
    async with world.client() as client:
        before = (await client.get("/inbox", headers=headers)).json()["items"][0]
        await world.recorded(expert("exp_1", languages=(language,)))
        after = (await client.get("/inbox", headers=headers)).json()["items"][0]
    assert (before["language"], after["language"], after["subject"]) == ("en", language, subject)


async def test_the_inbox_is_read_page_by_page_the_newest_first(world: World) -> None:
    ids = []
    for percent in (10, 20, 30, 40, 50):
        ids.append(await world.happens(OfferDeadlineApproaching(**OFFER, percent=percent, respond_by=RESPOND_BY)))
        world.clock.advance(SECOND)
    headers = world.headers("expert", "x", expert_id="exp_1")
    seen, after = [], ""
    async with world.client() as client:
        while True:
            page = (await client.get(f"/inbox?limit=2{after}", headers=headers)).json()
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        bad = await client.get("/inbox?after=nonsense", headers=headers)
    assert seen == [delivery_id(event_id, "exp_1", "inbox") for event_id in ids[::-1]]
    assert bad.status_code == 422


async def test_opening_a_notice_counts_once(world: World) -> None:
    await world.happens(sample(ExpertActivated))
    headers = world.headers("expert", "x", expert_id="exp_1")
    async with world.client() as client:
        (notice,) = (await client.get("/inbox", headers=headers)).json()["items"]
        first = await client.post(f"/inbox/{notice['id']}/opening", headers=headers)
        world.clock.advance(SECOND)
        again = await client.post(f"/inbox/{notice['id']}/opening", headers=headers)
        (after,) = (await client.get("/inbox", headers=headers)).json()["items"]
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    assert first.headers["etag"] == again.headers["etag"]
    assert (after["state"], after["opened_at"]) == ("opened", first.json()["opened_at"])


async def test_somebody_elses_notice_cannot_be_opened(world: World) -> None:
    await world.happens(sample(ExpertActivated))
    (notice,) = await world.deliveries(channel="inbox")
    (mail,) = await world.deliveries(channel="mail")
    async with world.client() as client:
        stranger = world.headers("expert", "x", expert_id="exp_2")
        other = await client.post(f"/inbox/{notice.id}/opening", headers=stranger)
        outdated = await client.post(f"/inbox/{notice.id}/opening", headers={**stranger, "If-Match": '"99"'})
        wrong = await client.post(f"/inbox/{mail.id}/opening", headers=world.headers("expert", "x", expert_id="exp_1"))
    assert (other.status_code, outdated.status_code, wrong.status_code) == (404, 404, 404)
    assert other.headers["content-type"] == "application/problem+json"


async def test_deliveries_are_found_by_each_filter(staffed: World) -> None:
    event_id = await staffed.happens(sample(RequestSubmitted))
    await staffed.happens(sample(ExpertActivated))
    await staffed.settled()
    filters = {"state=sent": 5, "channel=inbox": 5, f"event_id={event_id}": 8, "recipient=exp_1": 2}
    filters |= {
        "type=request_received": 8,
        "type=request_received&recipient=per_desk&channel=mail": 1,
        "state=failed": 0,
    }
    async with staffed.client() as client:
        found = {f: (await client.get(f"/deliveries?{f}", headers=staffed.headers())).json()["items"] for f in filters}
        bad = await client.get("/deliveries?state=lost", headers=staffed.headers())
    assert {f: len(items) for f, items in found.items()} == filters
    assert bad.status_code == 422


async def test_one_delivery_is_shown_with_its_version_and_without_an_address(staffed: World) -> None:
    await staffed.happens(sample(ExpertActivated))
    await staffed.settled()
    (mail,) = await staffed.deliveries(channel="mail")
    async with staffed.client() as client:
        answer = await client.get(f"/deliveries/{mail.id}", headers=staffed.headers())
        unknown = await client.get("/deliveries/dlv_none", headers=staffed.headers())
        too_long = await client.get(f"/deliveries/{'x' * 81}", headers=staffed.headers())
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    assert (answer.json()["state"], answer.json()["recipient"], answer.json()["attempts"]) == ("sent", "exp_1", 1)
    assert "people.example" not in answer.text
    assert (unknown.status_code, too_long.status_code) == (404, 422)


async def test_while_the_database_is_away_callers_hear_503(world: World) -> None:
    for documents in world.documents.values():
        documents.away = True
    async with world.client() as client:
        answer = await client.get("/inbox", headers=world.headers())
    assert answer.status_code == 503
    assert "retry-after" in answer.headers
