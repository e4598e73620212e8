"""What a command prints: a table for a person, or JSON for a script. Never both."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from deploy.plain import plain, plain_lines

if TYPE_CHECKING:
    from deploy.terminal.asking import Asking
    from deploy.terminal.settings import TerminalSettings


class Shown:
    """The way one call of the terminal prints. `as_json` prints one JSON value on stdout and nothing else there.

    Whatever is printed may come from elsewhere: every character of it is shown, and none is obeyed.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        width = None if sys.stdout.isatty() else 140
        self._console = Console(width=width, markup=False, emoji=False, highlight=False, soft_wrap=False)

    def answer(self, value: Any) -> None:
        """One JSON value, where JSON was asked for."""
        if self.as_json:
            # still JSON: only within strings is anything replaced
            said = plain_lines(json.dumps(value, indent=2, ensure_ascii=False, default=str))
            sys.stdout.write("\n".join(said) + "\n")

    def line(self, text: str) -> None:
        """A line for a person, never broken: commands in it are copied."""
        if not self.as_json:
            self._console.print(plain(text), soft_wrap=True)

    def lines(self, head: str, text: str) -> None:
        """What may have several lines, below each other beside `head`: such as a value that is copied."""
        for number, line in enumerate(plain_lines(text)):
            self.line((" " * len(head) if number else head) + line)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A table for a person; a dash where there is nothing."""
        if self.as_json:
            return
        table = Table(title=plain(title), title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*("-" if cell is None or cell == "" else plain(str(cell)) for cell in row))
        self._console.print(table)


class Call:
    """One call of the terminal: where the system is, and how to print."""

    def __init__(self, settings: TerminalSettings, shown: Shown) -> None:
        self.settings = settings
        self.shown = shown

    def asking(self) -> Asking:
        """Calls of the services' operator interfaces, for the length of a block."""
        from deploy.terminal.asking import Asking  # late: see commands/__init__.py

        return Asking(self.settings)


def counted(number: int, noun: str) -> str:
    """1 key, 2 keys."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def ago(span: timedelta) -> str:
    """A span of time as a person says it: 0.4 s, 12 s, 5 min 3 s, 2 h 10 min, 3 d 4 h."""
    seconds = max(0.0, span.total_seconds())
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = int(seconds)
    for size, unit, below, of in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            return f"{whole // size} {unit} {whole % size // below} {of}"
    return f"{whole} s"
