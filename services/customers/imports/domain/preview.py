"""How a file is read: its form as it was found, and its first rows as they are understood."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

FIRST_ROWS = 5
MOST_COLUMNS = 100
LONGEST_SHOWN = 80
"""Characters of a cell."""


class SeenRow(NamedTuple):
    """A row as a spreadsheet numbers it, and what is understood of it; a cell that cannot be taken is as it stands."""

    row: int
    values: Mapping[str, str]
    bad: Sequence[str]
    """Fields whose cells cannot be taken."""


class Candidate(NamedTuple):
    """An encoding in which the file can be read, and what the cell in which they differ says in it."""

    encoding: str
    reads: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What was found and what was said: None where the file has no such thing, or has not come so far.

    The header, the rows and the candidates hold cells, which are personal: they are kept sealed, and for a while only.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    date_format: str | None = None
    header: Sequence[str] = ()
    rows: Sequence[SeenRow] = ()
    candidates: Sequence[Candidate] = ()

    def as_json(self) -> bytes:
        fields = {name: getattr(self, name) for name in self.__slots__}
        fields["rows"] = [row._asdict() for row in self.rows]
        fields["candidates"] = [each._asdict() for each in self.candidates]
        return json.dumps(fields).encode()

    @classmethod
    def of_json(cls, text: bytes) -> "Preview":
        """What `as_json` wrote."""
        fields = json.loads(text)
        fields["rows"] = [SeenRow(**row) for row in fields["rows"]]
        fields["candidates"] = [Candidate(**each) for each in fields["candidates"]]
        return cls(**fields)


def shown(text: str) -> str:
    """A cell as a preview shows it: its beginning."""
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
