"""How the demo speaks in the terminal: chapters, what is expected, what happened and how long it took."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

T = TypeVar("T")

WIDEST = 100
WHO = 11
TIME = 10


class Stage:
    """Narration on a console of at most 100 columns."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(highlight=False)
        self._console.width = min(self._console.width, WIDEST)

    def chapter(self, title: str) -> None:
        self._console.print()
        self._console.print(Rule(Text(f" {title} ", style="bold"), align="left", style="cyan"))

    def say(self, text: str) -> None:
        """A paragraph of the story."""
        self._console.print()
        self._console.print(Padding(Text(text), (0, 2)))

    def expect(self, text: str) -> None:
        """What should follow now."""
        line = Text("expected  ", style="dim")
        line.append(text, style="italic")
        self._console.print(Padding(line, (0, 2)))

    def saw(self, who: str, text: str, seconds: float | None = None) -> None:
        """What a service shows now, and how long after the cause."""
        line = Table.grid(padding=(0, 1))
        line.add_column(width=1)
        line.add_column(width=WHO)
        line.add_column(width=self._console.width - WHO - TIME - 9)
        line.add_column(width=TIME, justify="right")
        line.add_row("[green]✓[/]", f"[bold]{who}[/]", Text(text), Text(_duration(seconds), style="cyan"))
        self._console.print(Padding(line, (0, 2)))

    def done(self, text: str) -> None:
        self._console.print(Padding(Text.assemble(("✓ ", "green"), text), (0, 2)))

    def failed(self, text: str) -> None:
        """The one line that says why the demo ends."""
        self._console.print(Padding(Text.assemble(("✗ demo failed: ", "bold red"), text), (1, 2)))

    def table(
        self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
    ) -> None:
        """A small table; `right` names the columns of figures."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=any(columns), show_edge=False)
        for place, name in enumerate(columns):
            table.add_column(name, justify="right" if place in right else "left", overflow="fold")
        for row in rows:
            table.add_row(*row)
        self._console.print(Padding(Text(title, style="bold"), (1, 2, 1, 2)))
        self._console.print(Padding(table, (0, 2, 1, 2)))

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Shows on a terminal that something is waited for."""
        with self._console.status(f"  {what} …"):
            yield

    @contextmanager
    def bar(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """A progress bar; the block says how far it is."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(bar_width=36),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self._console) as progress:
            task = progress.add_task(f"  {what:<26}", total=total)
            yield lambda completed: progress.update(task, completed=completed)

    def track(self, what: str, things: Iterable[T], total: int) -> Iterator[T]:
        """Hands things on and shows how many there were."""
        with self.bar(what, total) as advance_to:
            for count, thing in enumerate(things, start=1):
                yield thing
                advance_to(count)


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
