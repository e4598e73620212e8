"""An expert edits their active profile: it waits, an officer takes or refuses it, and only then others hear of it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from services.registration.entrypoints.http import examples
from tests.component.registration.front import Body, Front

EXPERTS, CONTACTS = "registration.experts", "registration.contacts"
WAYS = {"acceptance": {"vetted_areas": []}, "refusal": examples.REVISION_REFUSAL}


def changed(**profile: Any) -> Body:
    body = deepcopy(examples.EXPERT)
    body["profile"].update(profile)
    return body


class Profile:
    """An active profile, and its expert."""

    def __init__(self, front: Front, id_: str) -> None:
        self.front, self.id, self.path = front, id_, f"/experts/{id_}"
        self.me = front.token("expert", expert_id=id_)

    async def edit(self, body: Body, by: dict[str, str] | None = None) -> Body:
        version = (await self.read())["version"]
        return await self.front.done("PUT", self.path, by or self.me, body, If_Match=f'"{version}"')

    async def read(self) -> Body:
        return await self.front.done("GET", self.path, self.me)

    async def decide(self, way: str, body: Body | None = None) -> Body:
        version = (await self.read())["version"]
        path = f"{self.path}/pending-version/{way}"
        return await self.front.done("POST", path, self.front.officer, body or WAYS[way], If_Match=f'"{version}"')

    async def said(self) -> list[str]:
        await self.front.bus.settle()
        return self.front.bus.types(EXPERTS, self.id)


@pytest.fixture
async def profile(front: Front) -> Profile:
    id_ = await front.expert()
    await front.done("POST", f"/experts/{id_}/activation", front.officer, {"vetted_areas": ["A01"]}, If_Match='"1"')
    return Profile(front, id_)


async def test_a_claim_waits_seen_by_its_expert_and_officers_and_said_to_nobody(front: Front, profile: Profile) -> None:
    done = await profile.edit(changed(years_total=30, languages=[{"language": "en", "level": "native"}]))
    assert (done["status"], done["profile"]["years_total"]) == ("active", 15)
    assert (done["pending"]["profile"]["years_total"], done["pending"]["submitted_at"]) == (30, "2031-01-10T09:00:00Z")
    assert await profile.read() == await front.done("GET", profile.path, front.officer) == done
    assert await profile.said() == ["expert.submitted", "expert.activated"]
    assert len(front.bus.said(CONTACTS, profile.id)) == 1


async def test_officers_find_what_waits(front: Front, profile: Profile) -> None:
    await front.expert()
    assert (await front.done("GET", "/experts?pending=true", front.officer))["items"] == []
    await profile.edit(changed(years_total=30))
    found = await front.done("GET", "/experts?pending=true", front.officer)
    assert [expert["id"] for expert in found["items"]] == [profile.id]
    assert len((await front.done("GET", "/experts", front.officer))["items"]) == 2
    assert len((await front.done("GET", "/experts?pending=true", profile.me))["items"]) == 1


async def test_what_is_taken_is_said_whole(front: Front, profile: Profile) -> None:
    themes = [{"code": "A01", "level": 4, "years": 12}, {"code": "K01", "level": 3, "years": 9}]
    await profile.edit(changed(years_total=30, themes=themes))
    done = await profile.decide("acceptance", {"vetted_areas": ["K01"]})
    assert (done["profile"]["years_total"], done["pending"], done["refused"]) == (30, None, None)
    assert await profile.said() == ["expert.submitted", "expert.activated", "expert.revised"]
    told = front.bus.said(EXPERTS, profile.id)[-1].data
    assert (told["status"], told["years_total"]) == ("active", 30)
    assert [area["theme"] for area in told["vetted_areas"]] == ["A01", "K01"]


async def test_what_is_refused_is_said_without_its_reason_and_the_expert_reads_it(
    front: Front, profile: Profile
) -> None:
    await profile.edit(changed(years_total=30))
    done = await profile.decide("refusal")
    assert (done["profile"]["years_total"], done["pending"]) == (15, None)
    assert done["refused"] == {"reason": examples.REVISION_REFUSAL["reason"], "at": "2031-01-10T09:00:00Z"}
    assert (await profile.read())["refused"] == done["refused"]
    assert await profile.said() == ["expert.submitted", "expert.activated", "expert.revision_refused"]
    told = front.bus.said(EXPERTS, profile.id)[-1]
    assert told.data == front.bus.said(EXPERTS, profile.id)[-2].data
    assert examples.REVISION_REFUSAL["reason"] not in told.model_dump_json()
    assert (await profile.edit(changed(years_total=16)))["refused"] is None


async def test_a_consent_withdrawn_is_said_at_once_and_the_claims_beside_it_are_not(
    front: Front, profile: Profile
) -> None:
    done = await profile.edit(changed(years_total=30, consent_to_contact=False))
    assert (done["profile"]["consent_to_contact"], done["profile"]["years_total"]) == (False, 15)
    assert await profile.said() == ["expert.submitted", "expert.activated", "expert.revised"]
    told = front.bus.said(EXPERTS, profile.id)[-1].data
    assert (told["consent_to_contact"], told["years_total"]) == (False, 15)
    given = await profile.edit(changed(years_total=30))
    assert (given["profile"]["consent_to_contact"], given["pending"]["profile"]["consent_to_contact"]) == (False, True)
    assert (await profile.said())[2:] == ["expert.revised"]


async def test_a_new_address_is_said_at_once(front: Front, profile: Profile) -> None:
    body = changed(years_total=30)
    body["person"]["email"] = "new@mailbox.example.org"
    done = await profile.edit(body)
    assert (done["person"]["email"], done["profile"]["years_total"]) == ("new@mailbox.example.org", 15)
    assert await profile.said() == ["expert.submitted", "expert.activated"]
    assert front.bus.said(CONTACTS, profile.id)[-1].data["email"] == "new@mailbox.example.org"


async def test_an_officers_edit_is_said_at_once_also_beside_one_that_waits(front: Front, profile: Profile) -> None:
    await profile.edit(changed(years_total=30))
    done = await profile.edit(changed(years_total=14), front.officer)
    assert (done["profile"]["years_total"], done["pending"]["profile"]["years_total"]) == (14, 30)
    assert await profile.said() == ["expert.submitted", "expert.activated", "expert.revised"]


async def test_the_days_on_record_go_with_neither_version(front: Front, profile: Profile) -> None:
    """What waits can be handed in again as it was answered, whatever days were recorded meanwhile."""
    await profile.edit(changed(days_last_12m=12), front.officer)
    waiting = await profile.edit(changed(years_total=30))
    await profile.edit(changed(days_last_12m=20), front.officer)
    await profile.edit({"person": waiting["person"], "profile": waiting["pending"]["profile"]})
    assert (await profile.decide("acceptance"))["profile"]["days_last_12m"] == 20


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_decided_where_nothing_waits(front: Front, profile: Profile, way: str) -> None:
    path = f"{profile.path}/pending-version/{way}"
    nothing = await front.call("POST", path, front.officer, WAYS[way], If_Match='"2"')
    assert (nothing.status_code, nothing.json()["mend"] != "") == (409, True)
    new = await front.expert()
    early = await front.call("POST", f"/experts/{new}/pending-version/{way}", front.officer, WAYS[way], If_Match='"1"')
    assert early.status_code == 409
    await profile.edit(changed(years_total=30))
    await profile.decide(way)
    again = await front.call("POST", path, front.officer, WAYS[way], If_Match='"4"')
    assert again.status_code == 409


@pytest.mark.parametrize("way", WAYS)
async def test_only_what_was_looked_at_is_decided(front: Front, profile: Profile, way: str) -> None:
    path = f"{profile.path}/pending-version/{way}"
    seen = await profile.edit(changed(years_total=20))
    await profile.edit(changed(years_total=40))
    assert (await front.call("POST", path, front.officer, WAYS[way])).status_code == 428
    stale = await front.call("POST", path, front.officer, WAYS[way], If_Match=f'"{seen["version"]}"')
    assert stale.status_code == 412
    assert (await profile.read())["pending"]["profile"]["years_total"] == 40


@pytest.mark.parametrize("way", WAYS)
async def test_a_decision_repeated_with_its_key_is_answered_as_before(front: Front, profile: Profile, way: str) -> None:
    path = f"{profile.path}/pending-version/{way}"
    waiting = await profile.edit(changed(years_total=30))
    once = {"Idempotency_Key": "k-1", "If_Match": f'"{waiting["version"]}"'}
    first = await front.call("POST", path, front.officer, WAYS[way], **once)
    again = await front.call("POST", path, front.officer, WAYS[way], **once)
    assert (again.status_code, again.json()) == (200, first.json())
    assert again.headers["etag"] == first.headers["etag"] == f'"{waiting["version"] + 1}"'
    assert len(await profile.said()) == 3


async def test_an_edit_that_waits_is_repeated_with_its_key(front: Front, profile: Profile) -> None:
    once = {"Idempotency_Key": "k-1", "If_Match": '"2"'}
    first = await front.call("PUT", profile.path, profile.me, changed(years_total=30), **once)
    await profile.decide("acceptance")
    again = await front.call("PUT", profile.path, profile.me, changed(years_total=30), **once)
    assert (again.status_code, again.json()) == (200, first.json())


@pytest.mark.parametrize("way", WAYS)
async def test_nobody_but_an_officer_decides(front: Front, profile: Profile, way: str) -> None:
    await profile.edit(changed(years_total=30))
    path = f"{profile.path}/pending-version/{way}"
    for caller in (profile.me, front.token("expert", expert_id="exp_else"), front.token("institution")):
        assert (await front.call("POST", path, caller, WAYS[way], If_Match='"3"')).status_code == 403
    nobody = await front.call(
        "POST", f"/experts/exp_none/pending-version/{way}", front.officer, WAYS[way], If_Match="*"
    )
    assert nobody.status_code == 404
    assert (await profile.read())["pending"] is not None


async def test_what_waits_is_nobody_elses(front: Front, profile: Profile) -> None:
    await profile.edit(changed(years_total=30))
    other = front.token("expert", expert_id=await front.expert())
    assert (await front.call("GET", profile.path, other)).status_code == 404
    assert (await front.call("PUT", profile.path, other, changed(), If_Match="*")).status_code == 404
    assert [e["id"] for e in (await front.done("GET", "/experts?pending=true", other))["items"]] == []


async def test_a_version_is_taken_only_with_areas_it_claims_and_refused_only_with_a_reason(
    front: Front, profile: Profile
) -> None:
    await profile.edit(changed(themes=[{"code": "K01", "level": 3, "years": 9}]))
    path, version = f"{profile.path}/pending-version", {"If_Match": '"3"'}
    for body, pointer in (({"vetted_areas": ["A01"]}, "/vetted_areas/0"), ({"vetted_areas": []}, "/vetted_areas")):
        answer = await front.call("POST", f"{path}/acceptance", front.officer, body, **version)
        assert (answer.status_code, answer.json()["faults"][0]["pointer"]) == (422, pointer)
    for reason in ("", "too short"):
        answer = await front.call("POST", f"{path}/refusal", front.officer, {"reason": reason}, **version)
        assert answer.status_code == 422
    assert (await profile.decide("acceptance", {"vetted_areas": ["K01"]}))["vetted_areas"][0]["theme"] == "K01"


async def test_an_unfounded_edit_is_refused_before_it_waits(front: Front, profile: Profile) -> None:
    """What an officer would have to refuse anyhow does not reach them."""
    for wrong in ({"general_declaration_on": "2031-02-01"}, {"days_last_12m": 3}):
        answer = await front.call("PUT", profile.path, profile.me, changed(**wrong), If_Match='"2"')
        assert answer.status_code == 422, wrong
    employed = changed()
    employed["profile"]["employment"]["institution_id"] = "ins_nobody"
    assert (await front.call("PUT", profile.path, profile.me, employed, If_Match='"2"')).status_code == 422
    assert (await profile.read())["version"] == 2
