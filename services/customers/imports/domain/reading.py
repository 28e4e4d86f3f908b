"""What the process that reads a file is told, and what it gives back (decision 33)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

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

    def as_line(self) -> bytes:
        """The job as a line of JSON."""
        values = {
            "id": str(self.id),
            "kind": self.layout.kind,
            "mapping": dict(self.layout.mapping),
            "defaults": dict(self.layout.defaults),
            "size": self.size,
            "skip": self.skip,
            "batch": self.batch,
            "zone": self.zone,
            "now": self.now.isoformat(),
            "largest": str(self.largest),
            "names": dict(self.names),
        }
        return json.dumps(values).encode() + b"\n"

    @classmethod
    def of_line(cls, line: bytes) -> "ReadJob":
        """The job that `as_line` wrote."""
        values = json.loads(line)
        return cls(
            UUID(values["id"]),
            Layout(ImportKind(values["kind"]), values["mapping"], values["defaults"]),
            values["size"],
            values["skip"],
            values["batch"],
            values["zone"],
            datetime.fromisoformat(values["now"]),
            Decimal(values["largest"]),
            values["names"],
        )


@dataclass(frozen=True, slots=True)
class Frame:
    """Consecutive rows of the file: how many, how many of them bad, the last one's number, the bytes taken so far."""

    rows: int
    bad: int
    last: int
    at: int
    good: bytes
    """Good rows: in COPY's text form (purchases), or a JSON array per line (customers)."""
    faults: Sequence[tuple[int, str, str]]
    """Row, field, trouble."""
