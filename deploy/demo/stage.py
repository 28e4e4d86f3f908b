"""How the demo speaks in the terminal: chapters, what is expected, what happened and how long it took."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from rich import box
from rich.console import Console, RenderableType
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
        self._at_gap = False

    def chapter(self, title: str) -> None:
        self._gap()
        self._console.print(Rule(Text(f" {title} ", style="bold"), align="left", style="cyan"))
        self._at_gap = False

    def say(self, text: str) -> None:
        """A paragraph of the story."""
        self._gap()
        self._show(Text(text))

    def expect(self, text: str) -> None:
        """What should follow now."""
        self._show(Text.assemble(("expected  ", "dim"), (text, "italic")))

    def saw(self, who: str, text: str, seconds: float | None = None) -> None:
        """What a service shows now, and how long after the cause."""
        line = Table.grid(padding=(0, 1))
        line.add_column(width=1)
        line.add_column(width=WHO)
        line.add_column(width=self._console.width - WHO - TIME - 9)
        line.add_column(width=TIME, justify="right")
        line.add_row("[green]✓[/]", f"[bold]{who}[/]", Text(text), Text(_duration(seconds), style="cyan"))
        self._show(line)

    def done(self, text: str) -> None:
        self._show(Text.assemble(("✓ ", "green"), text))

    def failed(self, text: str) -> None:
        """The one line that says why the demo ends."""
        self._gap()
        self._show(Text.assemble(("✗ demo failed: ", "bold red"), text))

    def table(
        self, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()
    ) -> None:
        """A small table; `right` names the columns of figures."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_header=any(columns), show_edge=False)
        for place, name in enumerate(columns):
            table.add_column(name, justify="right" if place in right else "left", overflow="fold", no_wrap=not place)
        for row in rows:
            table.add_row(*row)
        self._gap()
        self._show(Text(title, style="bold"))
        self._show(table)
        self._gap()

    def _show(self, what: RenderableType) -> None:
        self._console.print(Padding(what, (0, 2)))
        self._at_gap = False

    def _gap(self) -> None:
        """One empty line, however many ask for it."""
        if not self._at_gap:
            self._console.print()
        self._at_gap = True

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
            self._at_gap = False
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
