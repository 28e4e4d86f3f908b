"""What the process that reads a file is told, and what it gives back (decision 33)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.customers.imports.domain.form import UNSAID, FileForm
from services.customers.imports.domain.layout import ImportKind, Layout


@dataclass(frozen=True, slots=True)
class ReadJob:
    """What the reader is told: where fields stand, what to judge by, and which rows it has given before."""

    id: UUID
    layout: Layout
    size: int
    skip: int
    batch: int
    zone: str
    now: datetime
    largest: Decimal
    names: Mapping[str, str]
    form: FileForm = UNSAID

    def as_line(self) -> bytes:
        """The job as a line of JSON."""
        return json.dumps(asdict(self), default=str).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> "ReadJob":
        """The job that `as_line` wrote."""
        values = json.loads(line)
        read = {
            "id": UUID(values["id"]),
            "layout": Layout(**{**values["layout"], "kind": ImportKind(values["layout"]["kind"])}),
            "now": datetime.fromisoformat(values["now"]),
            "largest": Decimal(values["largest"]),
            "form": FileForm.of(**{name: said or "" for name, said in values["form"].items()}),
        }
        return cls(**{**values, **read})


@dataclass(frozen=True, slots=True)
class Frame:
    """Consecutive rows of the file: how many, how many of them bad, how many taken with something left out, the last
    one's number, the bytes taken so far."""

    rows: int
    bad: int
    noted: int
    last: int
    at: int
    good: bytes
    """Good rows: in COPY's text form (purchases), or a JSON array per line (the others)."""
    faults: Sequence[tuple[int, str, str, str]]
    """Row, field, trouble, detail."""
