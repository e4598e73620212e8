"""What the database driver and the validators quote of a document stands in no log line, no parked entry and no answer:
documents hold people's names and addresses."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import BaseModel, ValidationError
from pymongo.errors import BulkWriteError, DuplicateKeyError

from deploy.terminal.failing import guarded
from deploy.terminal.looks.store import away
from shared.contracts import topics
from shared.messaging.parking import lot_id
from shared.runtime.logging import get_logger
from shared.store import MongoDocuments
from tests.component.runtime.sample import Sample
from tests.component.runtime.test_problems import problem
from tests.support.logs import logged
from tests.support.messages import Effects, evaluations
from tests.unit.messaging.consuming import QUICK, House, events

NAME, MAIL = "Quetzal", "anna.sample@example.org"
STATE = {"name": NAME, "email": f"{NAME} <{MAIL}>"}
SAID = (
    f'E11000 duplicate key error collection: sample.things index: keys dup key: {{ name: "{NAME}", email: "{MAIL}" }}'
)
THING = {"title": "a", "colour": "red", "due": "2030-01-31T09:00:00Z", "count": 1}


class _Person(BaseModel):
    email: int


def bulk() -> Exception:
    wrong = {"index": 0, "code": 121, "errmsg": "Document failed validation", "errInfo": STATE, "op": {"state": STATE}}
    return BulkWriteError({"writeErrors": [wrong], "writeConcernErrors": []})


def duplicate() -> Exception:
    return DuplicateKeyError(SAID, 11000, {"code": 11000, "errmsg": SAID, "keyValue": STATE})


def invalid() -> Exception:
    try:
        _Person.model_validate(STATE)
    except ValidationError as error:
        return error
    raise AssertionError


ERRORS = {"BulkWriteError": bulk, "DuplicateKeyError": duplicate, "ValidationError": invalid}
TOLD = {
    "BulkWriteError": "MongoDB answered 121 DocumentValidationFailure",
    "DuplicateKeyError": "MongoDB answered 11000 DuplicateKey",
    "ValidationError": "ValidationError: email: int_parsing",
}
FORMATS: tuple[Literal["json", "console"], ...] = ("json", "console")
each = pytest.mark.parametrize("name", ERRORS)
both = pytest.mark.parametrize("log_format", FORMATS)


class Refusing:
    """A collection of the driver's in which nothing is found, and whose every write raises."""

    name = "things"

    def __init__(self, name: str) -> None:
        self._error = ERRORS[name]

    async def find_one(self, _where: Any) -> None:
        return None

    async def insert_many(self, _documents: Any, *, ordered: bool) -> None:
        raise self._error()


def nothing_of_it(*texts: str) -> None:
    for text in texts:
        assert text
        assert NAME not in text
        assert MAIL not in text


@both
@each
async def test_of_a_write_that_a_request_asked_for(name: str, log_format: Literal["json", "console"]) -> None:
    sample = Sample()
    sample.store.documents = MongoDocuments(Refusing(name))
    with logged(log_format) as out:
        async with sample.client() as client:
            answer = await client.post("/things", json=THING)
    problem(answer, 500)
    nothing_of_it(answer.text, out.getvalue())
    assert TOLD[name] in out.getvalue()
    assert ("StoreFault: insert of things: " in out.getvalue()) == (name != "ValidationError")


@both
@each
async def test_of_a_write_that_a_handler_asked_for(name: str, log_format: Literal["json", "console"]) -> None:
    effects = Effects()
    effects.store.documents = MongoDocuments(Refusing(name))
    await parks(House(subscription=evaluations(effects.handle)), name, log_format)


@both
@each
async def test_of_what_a_handler_raises_itself(name: str, log_format: Literal["json", "console"]) -> None:
    house = House()
    house.effects.faults["a", 1] = [ERRORS[name]() for _ in range(QUICK.retry.attempts)]
    await parks(house, name, log_format)


async def parks(house: House, name: str, log_format: Literal["json", "console"]) -> None:
    """The event is parked, and neither the log nor the entry has anything of the document."""
    with logged(log_format) as out:
        await house.take(events(("a", 1)))
    found = await house.lot.get(lot_id(house.consumer.group, topics.EVALUATIONS.name, "a"))
    assert found is not None
    (event,) = found.state.events
    nothing_of_it(out.getvalue(), found.state.model_dump_json())
    assert TOLD[name] in event.error
    assert TOLD[name] in out.getvalue()


@both
@each
async def test_of_what_others_raise_because_of_it(name: str, log_format: Literal["json", "console"]) -> None:
    """The cause of another, one of several together, and no variable of any frame."""
    held = NAME
    with logged(log_format) as out:
        try:
            try:
                raise ERRORS[name]()
            except Exception as error:
                raise RuntimeError("cannot go on") from error
        except RuntimeError as error:
            get_logger("x").exception("failed")
            get_logger("x").error("failed together", exc_info=ExceptionGroup("several", [error, ERRORS[name]()]))
    nothing_of_it(out.getvalue())
    assert out.getvalue().count(TOLD[name]) == 3
    assert held not in out.getvalue()


@both
@each
async def test_of_what_is_quoted_in_the_words_of_others(name: str, log_format: Literal["json", "console"]) -> None:
    """As asyncio does with a task that nobody has awaited."""
    with logged(log_format) as out:
        get_logger("x").error(f"never retrieved: {ERRORS[name]()!r}", why=f"because {ERRORS[name]()}")
    nothing_of_it(out.getvalue())


@each
@pytest.mark.parametrize("debug", ["", "1"])
def test_of_what_ends_a_command_of_the_terminal(
    name: str, debug: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_DEBUG", debug)

    def work() -> None:
        raise ERRORS[name]()

    with pytest.raises(SystemExit):
        guarded(work)
    told = capsys.readouterr().err
    nothing_of_it(told, away(ERRORS[name]()).what)
    assert TOLD[name] in told
    assert TOLD[name] in away(ERRORS[name]()).what


def test_each_error_quotes_it_by_itself() -> None:
    for made in ERRORS.values():
        assert MAIL in str(made())
