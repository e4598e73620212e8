"""An officer searches again where a position's list is exhausted or nobody was found: a new ranking, a new list."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from shared.contracts import topics
from shared.contracts.events.experts import Employment, PastAssignment
from shared.store import StoreAway
from tests.support import matching_events as say
from tests.support.intercepted_documents import AwayOnce
from tests.support.matching_stage import differences
from tests.support.matching_world import OTHER_OFFICER, World

AGAIN = f"/positions/{say.LEAD}/search"


@pytest.fixture
async def exhausted(offered: World) -> World:
    """Everybody on the principal's list has declined; exp_5 came to the roster meanwhile."""
    for _ in range(4):
        await offered.decline()
    await newcomer(offered)
    return offered


async def newcomer(world: World, expert_id: str = "exp_5", **changes: Any) -> None:
    await world.hear(say.expert(expert_id, **changes))
    await world.declare(expert_id, say.WHOLE_YEAR)
    await world.settle()


async def again(world: World, **given: Any) -> Any:
    answer = await world.call("POST", AGAIN, **given)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{answer.json()["version"]}"'
    await world.settle()
    return answer.json()


async def test_an_exhausted_list_is_searched_for_again_and_goes_on_with_whoever_is_new(exhausted: World) -> None:
    first = await exhausted.get(f"/searches/{say.LEAD}")
    position = await again(exhausted)
    assert position["state"] == "shortlisted"
    assert [(row["expert_id"], row["rank"]) for row in position["shortlist"]] == [("exp_5", 1)]
    assert position["shortlist_approved_by"] is None
    assert len(position["offers"]) == 4
    (_, found) = exhausted.data(topics.SEARCHES, "match.completed")[-2:]
    assert (found["search_id"], found["stage"], found["position_id"]) == (position["search_id"], "binding", say.LEAD)
    assert (found["suitable"], [row["expert_id"] for row in found["top"]]) == (1, ["exp_5"])
    assert exhausted.types(topics.POSITIONS, say.LEAD)[-1] == "position.shortlisted"
    await exhausted.approve()
    assert (await exhausted.asked())["expert_id"] == "exp_5"
    await exhausted.accept()
    assert (await exhausted.position())["state"] == "accepted"
    assert await exhausted.get(f"/searches/{say.LEAD}") == first, "the search that was audited stays as it was"


async def test_whoever_was_offered_the_position_is_left_out_on_record_and_never_asked_again(exhausted: World) -> None:
    position = await again(exhausted)
    search = await exhausted.get(f"/searches/{position['search_id']}")
    reasons = {id_: [r["code"] for r in found] for id_, found in search["exclusions"].items()}
    assert reasons == {f"exp_{n}": ["asked_before"] for n in (1, 2, 3, 4)}
    await exhausted.approve()
    await exhausted.decline()
    said = [d["expert_id"] for d in exhausted.data(topics.POSITIONS, "assignment.offered", say.LEAD)]
    assert said == [f"exp_{n}" for n in (1, 2, 3, 4, 5)]
    assert (await exhausted.position())["state"] == "searching"
    elsewhere = await exhausted.get(f"/positions/{say.SECOND}")
    assert len(elsewhere["shortlist"]) == 4, "the exclusion is for this position, not for the roster"


async def test_an_empty_search_made_again_finds_whoever_has_come_since(staffed: World) -> None:
    await staffed.open(say.position(say.LEAD, 1, is_principal=True, min_years=40))
    assert (await again(staffed))["state"] == "searching"
    assert staffed.types(topics.SEARCHES) == ["match.empty"] * 2
    await newcomer(staffed, years_total=41)
    position = await again(staffed)
    assert (position["state"], [row["expert_id"] for row in position["shortlist"]]) == ("shortlisted", ["exp_5"])
    listed = (await staffed.get(f"/searches?position={say.LEAD}"))["items"]
    assert len({row["search_id"] for row in listed}) == len(listed) == 3
    assert position["search_id"] in {row["search_id"] for row in listed}


async def test_a_list_that_nobody_has_approved_is_replaced_by_a_newer_one(opened: World) -> None:
    await newcomer(opened)
    position = await again(opened)
    assert [row["expert_id"] for row in position["shortlist"]] == [f"exp_{n}" for n in (1, 2, 3, 4, 5)]


async def test_what_goes_on_by_itself_or_is_filled_is_not_searched_for_again(opened: World) -> None:
    await opened.approve(settle=False)
    for state in ("shortlisted", "offered", "accepted"):
        assert (await opened.position())["state"] == state
        before = await opened.everything()
        answer = await opened.call("POST", AGAIN)
        assert answer.status_code == 409
        assert answer.json()["mend"]
        assert differences(await opened.everything(), before) == {}, "not even a search"
        await (opened.accept() if state == "offered" else opened.settle())


async def test_who_has_accepted_beside_and_earlier_work_for_the_institution_are_warned_of(opened: World) -> None:
    await opened.approve(say.SECOND)
    await opened.accept(say.SECOND)
    elsewhere = Employment(institution_id=say.ELSEWHERE, country="BE", employer_type="ministry", since=date(2015, 1, 1))
    done = PastAssignment(year=2028, country="NG", themes=("A01",), institution_id=say.ASKING)
    await opened.hear(say.institution(say.ELSEWHERE), say.expert("exp_2", employment=elsewhere))
    await opened.hear(say.expert("exp_3", assignments=(done,)), say.expert("exp_4", assignments=(done,) * 3))
    search = await opened.get(f"/searches/{(await again(opened))['search_id']}")
    warned = {row["expert_id"]: {w["code"] for w in row["warnings"]} for row in search["candidates"]}
    assert warned == {
        "exp_2": set(),
        "exp_3": {"same_employer_in_team", "earlier_work_for_partner"},
        "exp_4": {"same_employer_in_team", "earlier_work_for_partner", "often_same_institution"},
    }
    assert search["exclusions"]["exp_1"][0]["code"] == "in_team"


async def test_a_repeat_under_the_same_key_is_answered_alike_and_searches_once(exhausted: World) -> None:
    first = await again(exhausted, key="again")
    await newcomer(exhausted, "exp_6")
    before = await exhausted.everything()
    assert await again(exhausted, key="again") == first
    assert await exhausted.everything() == before
    assert len((await again(exhausted, key="another"))["shortlist"]) == 2


async def test_an_outdated_version_is_refused_before_anything_is_searched(exhausted: World) -> None:
    version = (await exhausted.position())["version"]
    before = await exhausted.everything()
    answer = await exhausted.call("POST", AGAIN, if_match=f'"{version - 1}"')
    assert answer.status_code == 412
    assert await exhausted.everything() == before
    await again(exhausted, if_match=f'"{version}"')


async def test_a_call_that_was_cut_short_is_repeated_on_the_version_it_was_made_on(opened: World) -> None:
    """Its own first write raises the version; whoever else edits the list that has ended goes on with the search."""
    opened.before = AwayOnce("insert", error=StoreAway)
    assert (await opened.call("POST", AGAIN, key="mine", if_match='"1"')).status_code == 503
    opened.before = None
    cut_short = opened.restarted(World)
    for who, key in (("per_officer", "mine"), (OTHER_OFFICER, None)):
        world = cut_short.restarted(World)
        assert len((await again(world, who=who, key=key, if_match='"1"'))["shortlist"]) == 4
        late = await world.call("POST", AGAIN, who=OTHER_OFFICER, if_match='"1"')
        assert late.status_code == 412, "once the new list is there, the former one's version is outdated"


async def test_a_repeat_on_a_later_day_ranks_the_roster_of_that_day(opened: World) -> None:
    opened.after = AwayOnce("insert", error=StoreAway)
    assert (await opened.call("POST", AGAIN, key="mine", if_match='"1"')).status_code == 503
    opened.after = None
    await newcomer(opened)
    await opened.pass_time(timedelta(days=2))
    position = await again(opened, key="mine", if_match='"1"')
    assert [row["expert_id"] for row in position["shortlist"]] == [f"exp_{n}" for n in (1, 2, 3, 4, 5)]
    found = await opened.get(f"/searches/{position['search_id']}")
    assert found["created_on"] == opened.clock.now().date().isoformat()


async def test_a_repeat_that_overtakes_its_first_call_is_answered_alike(opened: World) -> None:
    answers: list[Any] = []

    async def meanwhile(operation: str, _: str) -> None:
        if operation == "insert" and not answers:
            answers.append(None)
            answers[0] = await opened.call("POST", AGAIN, key="mine", if_match='"1"')

    opened.before = meanwhile
    first = await again(opened, key="mine", if_match='"1"')
    assert (answers[0].status_code, answers[0].json()) == (200, first)
    assert len((await opened.get(f"/searches?position={say.LEAD}"))["items"]) == 2


async def test_a_call_whose_repeat_ends_the_list_before_it_goes_on_with_the_search(opened: World) -> None:
    """Both have read the list; the repeat ends it and is cut short."""
    repeats: list[int] = []

    async def meanwhile(operation: str, _: str) -> None:
        if operation == "replace" and not repeats:
            repeats.append(0)
            repeats[0] = (await opened.call("POST", AGAIN, key="mine", if_match='"1"')).status_code
        elif operation == "insert" and repeats == [0]:
            raise StoreAway("away")

    opened.before = meanwhile
    position = await again(opened, key="mine", if_match='"1"')
    assert repeats == [503]
    assert (position["state"], len(position["shortlist"])) == ("shortlisted", 4)


async def test_officers_at_the_same_time_make_one_search_and_one_list(exhausted: World) -> None:
    calls = (exhausted.call("POST", AGAIN, who=who) for who in ("per_officer", OTHER_OFFICER) for _ in range(8))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["search_id"] for answer in answers}) == 1
    await exhausted.settle()
    assert exhausted.types(topics.POSITIONS, say.LEAD).count("position.shortlisted") == 2
    assert len((await exhausted.get(f"/searches?position={say.LEAD}"))["items"]) == 2


async def test_a_position_that_is_not_there_is_not_found(opened: World) -> None:
    assert (await opened.call("POST", "/positions/pos_none/search")).status_code == 404


async def test_a_list_whose_successor_is_being_made_cannot_be_approved(opened: World) -> None:
    """Two officers at once: the one who came first has their way, and no list is announced that nobody can approve."""
    answers: list[Any] = []

    async def meanwhile(operation: str, _: str) -> None:
        if operation == "insert" and not answers:
            answers.append(None)
            path = f"/positions/{say.LEAD}/shortlist-approval"
            answers[0] = await opened.call("POST", path, who=OTHER_OFFICER)

    opened.before = meanwhile
    position = await again(opened)
    assert answers[0].status_code == 409
    said = opened.data(topics.SEARCHES, "match.completed")
    mine = [found["search_id"] for found in said if found["position_id"] == say.LEAD]
    assert mine[-1] == position["search_id"]
    assert position["state"] == "shortlisted"
    await opened.approve()
    assert (await opened.asked())["expert_id"] == "exp_1"
