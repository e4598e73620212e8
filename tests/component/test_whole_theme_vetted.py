"""Over two services: whom registration vets in a whole theme, matching finds for each of its sub-themes."""

from __future__ import annotations

import pytest

from tests.component.registration.front import NOW, Front
from tests.support.matching_world import World


@pytest.mark.parametrize("area", ["E", "E02"])
async def test_whom_registration_vets_in_an_area_matching_finds_by_it(area: str) -> None:
    """What registration says is put on matching's topics byte by byte."""
    front, world = Front(), World(start=NOW)
    expert = await front.expert(themes=[{"code": "E02", "level": 4, "years": 12}])
    path, areas = f"/experts/{expert}/activation", {"vetted_areas": [area]}
    activated = await front.done("POST", path, front.officer, areas, If_Match='"1"')
    assert activated["status"] == "active"
    request = await front.submitted(themes=["E02"])
    await front.bus.settle()
    for topic, records in front.bus.topics.items():
        world.bus.topics[topic].extend(records)
    await world.settle()
    search = await world.get(f"/searches/{request['id']}")
    assert [c["expert_id"] for c in search["candidates"]] == [expert], search["exclusions"]
