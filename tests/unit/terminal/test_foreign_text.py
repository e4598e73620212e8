"""Text from elsewhere is shown as it is, in every way of showing: nothing of it vanishes, changes or is obeyed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from deploy.demo.telling import Teller
from deploy.terminal.failing import Exit, end, guarded
from deploy.terminal.showing import Shown
from shared.runtime.masking import mask_text

FOREIGN = [
    mask_text("550 5.1.1 <somebody@example.org>: unknown"),
    "554 see [/lookup]",
    "a [bold]b[/bold] c",
    "a:x:b :100: :smile:",
    "[link=https://example.org]here[/link]",
]
"""What a mail server, a record's key or a parked value may say."""

ACTING = {
    "\x1b[2J\x1b]0;gone\x07": r"\u001b[2J\u001b]0;gone\u0007",
    "real\rfake": r"real\rfake",
    "one\nreq_1 is in order": r"one\nreq_1 is in order",
    "a\x9b31mb\x7f": r"a\u009b31mb\u007f",
    "a\u202eb\u2028c": r"a\u202eb\u2028c",
    "half \ud83d": r"half \ud83d",
}
"""What a terminal would act on, and how it is shown."""

SHOWN: dict[str, Callable[[Shown, str], None]] = {
    "cell": lambda shown, text: shown.table("title", ("column",), [(text,)]),
    "title": lambda shown, text: shown.table(text, ("a column that is wide enough for it",), [("-",)]),
    "line": lambda shown, text: shown.line(text),
    "lines": lambda shown, text: shown.lines("value  ", text),
}

TOLD: dict[str, Callable[[Teller, str], None]] = {
    "chapter": lambda teller, text: teller.chapter(text),
    "who": lambda teller, text: teller.did(text, "does something"),
    "what": lambda teller, text: teller.did("somebody", text),
    "followed": lambda teller, text: teller.followed(text),
    "whom": lambda teller, text: teller.told(text, "something"),
    "of": lambda teller, text: teller.told("somebody", text),
    "progress": lambda teller, text: teller.note(text),
    "cell": lambda teller, text: teller.table("title", ("column",), [(text,)]),
    "title": lambda teller, text: teller.table(text, ("a column that is wide enough for it",), [("-",)]),
    "wrong": lambda teller, text: teller.say(("wrong:", "bold red"), text),
    "quote": lambda teller, text: teller.quote(text),
}


@pytest.mark.parametrize("text", FOREIGN)
@pytest.mark.parametrize("way", SHOWN)
def test_the_terminal_shows_every_character(capsys: pytest.CaptureFixture[str], way: str, text: str) -> None:
    SHOWN[way](Shown(as_json=False), text)
    assert text in capsys.readouterr().out


@pytest.mark.parametrize("text", ACTING)
@pytest.mark.parametrize("way", SHOWN)
def test_the_terminal_obeys_nothing(capsys: pytest.CaptureFixture[str], way: str, text: str) -> None:
    SHOWN[way](Shown(as_json=False), text)
    said = capsys.readouterr().out
    lines = ["one", f"{'':7}req_1 is in order"] if way == "lines" and "\n" in text else [ACTING[text]]
    assert [line for line in lines if line not in said] == []
    assert not set("\x1b\x07\r\x9b\x7f\u202e\u2028") & set(said)


@pytest.mark.parametrize("text", [*FOREIGN, *ACTING])
def test_json_holds_the_text_itself_and_is_safe_to_look_at(capsys: pytest.CaptureFixture[str], text: str) -> None:
    Shown(as_json=True).answer({"said": [text]})
    said = capsys.readouterr().out
    assert json.loads(said) == {"said": [text]}
    assert not set("\x1b\x07\r\x9b\x7f\u202e\u2028\ud83d") & set(said)


@pytest.mark.parametrize(("text", "shown"), [*((text, text) for text in FOREIGN), *ACTING.items()])
@pytest.mark.parametrize("way", TOLD)
def test_the_story_shows_every_character_and_obeys_none(way: str, text: str, shown: str) -> None:
    said = io.StringIO()
    TOLD[way](Teller(Console(file=said, width=200)), text)
    if way == "quote" and "\n" in text:
        shown = text
    assert shown in said.getvalue()
    assert not set("\x1b\x07\r\x9b\x7f\u202e\u2028") & set(said.getvalue())


@pytest.mark.parametrize("text", ["\x1b[2J: [/x] [e-mail] :x:", "\x9b2J: [/x] [e-mail] :x:"])
def test_the_one_line_of_a_failure_shows_it_too(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with pytest.raises(SystemExit):
        end(f"refused: {text}", Exit.REFUSED)
    assert capsys.readouterr().err == f"refused: {json.dumps(text[0])[1:-1]}{text[1:]}\n"


def test_a_traceback_that_was_asked_for_shows_it_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENTENTE_DEBUG", "1")

    def work() -> Any:
        raise LookupError("\x1b[2J")

    with pytest.raises(SystemExit):
        guarded(work)
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "\x1b" not in said
