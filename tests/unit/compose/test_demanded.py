"""The look into the images is no pass where `make compose-smoke` has built them and one is not there."""

from __future__ import annotations

import pytest

from tests.compose import test_inside

ENDED = (pytest.fail.Exception, pytest.skip.Exception)


@pytest.mark.parametrize(("built", "ends"), [("built", pytest.fail.Exception), ("", pytest.skip.Exception)])
def test_an_image_that_is_not_there_fails_where_it_was_to_be_built(
    built: str, ends: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_inside, "missing", lambda: "there is no image entente/terminal:dev")
    monkeypatch.setenv("ENTENTE_IMAGES", built)
    with pytest.raises(ENDED) as ended:
        test_inside.demand_images()
    assert ended.type is ends
