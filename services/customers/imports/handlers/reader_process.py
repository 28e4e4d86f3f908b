"""The process that reads one file: `python -m services.customers.imports.handlers.reader_process` (decision 33).

Standard input: one line of JSON, the orders, then the file's bytes. Standard output: frames, each a line of JSON with
the lengths of what follows it: the good rows, ready for COPY (purchases) or as JSON lines (customers), and the faults
of the bad rows as JSON. The last frame says `end`, or why the file is `broken`. When the parent is gone the pipes end,
and so does this process.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from itertools import dropwhile, islice
from typing import IO, Any, TypeVar
from zoneinfo import ZoneInfo

from services.customers.imports.domain.cells import (
    BadRow,
    BrokenFile,
    CustomerRow,
    Fault,
    ImportKind,
    Judge,
    Layout,
    PurchaseRow,
    Rules,
    Trouble,
)
from services.customers.imports.handlers import sheets

MOST_MEMORY = 3 << 30
"""Bytes of address space: a sheet that unpacks to more ends this process, not the machine."""

T = TypeVar("T")


class CutOff(Exception):
    """The parent went away before the whole file was here."""


class Upload:
    """The file's bytes from the pipe; knows how many have come and how many there must be."""

    def __init__(self, pipe: IO[bytes], size: int) -> None:
        self._pipe = pipe
        self._size = size
        self.taken = 0

    def read(self, most: int) -> bytes:
        chunk = self._pipe.read(min(most, self._size - self.taken))
        self.taken += len(chunk)
        if not chunk and self.taken < self._size:
            raise CutOff
        return chunk


@dataclass(slots=True)
class Frame:
    """Some consecutive rows of the file, judged."""

    rows: int = 0
    bad: int = 0
    last: int = 0
    good: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def write(self, out: IO[bytes], at: int) -> None:
        payload, faults = "".join(self.good).encode(), json.dumps(self.faults).encode()
        _say(
            out,
            {
                "rows": self.rows,
                "bad": self.bad,
                "last": self.last,
                "at": at,
                "payload": len(payload),
                "faults": len(faults),
            },
        )
        out.write(payload)
        out.write(faults)
        out.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    orders = json.loads(source.readline())
    try:
        _read(orders, source, out)
    except BrokenFile as broken:
        _say(out, {"broken": broken.trouble, "detail": broken.detail})
    except MemoryError:
        _say(out, {"broken": Trouble.WORKBOOK_TOO_LARGE, "detail": ""})
    except (CutOff, BrokenPipeError):
        sys.stderr.close()  # nobody is there to be told


def _read(orders: dict[str, Any], source: IO[bytes], out: IO[bytes]) -> None:
    upload = Upload(source, orders["size"])
    rows = sheets.rows_of(upload)
    header = next(rows, None)
    if header is None:
        raise BrokenFile(Trouble.EMPTY_FILE)
    kind = ImportKind(orders["kind"])
    judge = Judge(Layout(kind, orders["mapping"], orders["defaults"]), header[1], _rules(orders))
    prefix, skip = f"{orders['id']}\t", orders["skip"]
    for group in _groups(dropwhile(lambda row: row[0] <= skip, rows), orders["batch"]):
        frame = Frame(rows=len(group), last=group[-1][0])
        for number, cells in group:
            try:
                if kind is ImportKind.PURCHASES:
                    frame.good.append(prefix + _copy_line(judge.purchase(number, cells)))
                else:
                    frame.good.append(_json_line(judge.customer(number, cells)))
            except BadRow as bad:
                frame.bad += 1
                frame.faults.extend(bad.faults)
        frame.write(out, upload.taken)
    _say(out, {"end": True})


def _rules(orders: dict[str, Any]) -> Rules:
    rules = Rules(
        ZoneInfo(orders["zone"]),
        datetime.fromisoformat(orders["now"]),
        Decimal(orders["largest"]),
        orders["names"],
    )
    if orders["kind"] == ImportKind.PURCHASES:
        return rules
    from pydantic import TypeAdapter  # only files of customers wait for what comes along with it

    from services.customers.texts import Mail
    from shared.phones import e164

    return replace(rules, phone=e164, mail=TypeAdapter(Mail).validate_python)


def _copy_line(good: PurchaseRow) -> str:
    """The row in COPY's text form. Control characters were refused, so only the backslash needs care."""
    return (
        f"{good.row}\t{_escaped(good.customer_no)}\t{good.occurred_at}\t{good.content}\t{good.month}\t{good.amount}\t"
        f"{good.brand_id or _NULL}\t{_numbers(good.external_no) if good.external_no else _NO_NUMBERS}\n"
    )


_NULL = "\\N"
_NO_NUMBERS = f"{_NULL}\t{_NULL}"


def _numbers(external_no: str) -> str:
    """The external number and the identity that it gives the purchase."""
    from services.customers.purchases.domain import numbered  # only such files wait for what comes along with it

    return f"{_escaped(external_no)}\t{numbered(external_no).hex()}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text


def _json_line(good: CustomerRow) -> str:
    return json.dumps(good) + "\n"


def _groups(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while group := list(islice(iterator, size)):
        yield group


def _say(out: IO[bytes], news: dict[str, Any]) -> None:
    out.write(json.dumps(news).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
