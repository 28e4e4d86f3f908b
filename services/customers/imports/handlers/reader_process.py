"""The process that reads one file: `python -m services.customers.imports.handlers.reader_process` (decision 33).

Standard input: one line of JSON, the read job, then the file's bytes. Standard output: frames, each a line of JSON with
the lengths of what follows it: the good rows, ready for COPY (purchases) or as JSON lines (customers), and the faults
of the bad rows as JSON. The last frame says `end`, or why the file is `broken`. When the parent is gone the pipes end,
and so does this process.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import dropwhile, islice
from typing import IO, Any, TypeVar
from zoneinfo import ZoneInfo

from services.customers.imports.domain.cells import CellRules
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.domain.reading import ReadJob
from services.customers.imports.domain.rows import CustomerLine, Judge, PurchaseLine
from services.customers.imports.domain.troubles import BadRow, BrokenFile, Fault, Trouble
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
class Judged:
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
    job = ReadJob.of_line(source.readline())
    try:
        _read(job, source, out)
    except BrokenFile as broken:
        _say(out, {"broken": broken.trouble, "detail": broken.detail})
    except MemoryError:
        _say(out, {"broken": Trouble.WORKBOOK_TOO_LARGE, "detail": ""})
    except (CutOff, BrokenPipeError):
        sys.stderr.close()  # nobody is there to be told


def _read(job: ReadJob, source: IO[bytes], out: IO[bytes]) -> None:
    upload = Upload(source, job.size)
    rows = sheets.rows_of(upload)
    header = next(rows, None)
    if header is None:
        raise BrokenFile(Trouble.EMPTY_FILE)
    judge = Judge(job.layout, header[1], _rules(job))
    prefix = f"{job.id}\t"
    for group in _groups(dropwhile(lambda row: row[0] <= job.skip, rows), job.batch):
        frame = Judged(rows=len(group), last=group[-1][0])
        for number, cells in group:
            try:
                if job.layout.kind is ImportKind.PURCHASES:
                    frame.good.append(prefix + _copy_line(judge.purchase(number, cells)))
                else:
                    frame.good.append(_json_line(judge.customer(number, cells)))
            except BadRow as bad:
                frame.bad += 1
                frame.faults.extend(bad.faults)
        frame.write(out, upload.taken)
    _say(out, {"end": True})


def _rules(job: ReadJob) -> CellRules:
    rules = CellRules(ZoneInfo(job.zone), job.now, job.largest, job.names)
    if job.layout.kind is ImportKind.PURCHASES:
        return rules
    from pydantic import TypeAdapter  # only files of customers wait for what comes along with it

    from services.customers.texts import Mail
    from shared.phones import e164

    return replace(rules, phone=e164, mail=TypeAdapter(Mail).validate_python)


def _copy_line(good: PurchaseLine) -> str:
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


def _json_line(good: CustomerLine) -> str:
    return json.dumps(good) + "\n"


def _groups(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(rows)
    while group := list(islice(iterator, size)):
        yield group


def _say(out: IO[bytes], said: dict[str, Any]) -> None:
    out.write(json.dumps(said).encode() + b"\n")
    out.flush()


if __name__ == "__main__":
    main()
