"""The process that reads one file: `python -m services.customers.imports.handlers.reader_process` (decision 33).

Standard input: one line of JSON, the read job, then the file's bytes. Standard output: frames, each a line of JSON with
the lengths of what follows it: the good rows, ready for COPY (purchases) or as JSON lines (the others), and the faults
of the bad rows as JSON. Before them, and again when more is known, comes how the file is read, as JSON. The last frame
says `end`, or why the file is `broken`. When the parent is gone the pipes end, and so does this process.
"""

import json
import resource
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import dropwhile, islice
from typing import IO, Any, TypeVar
from zoneinfo import ZoneInfo

from services.customers.imports.domain.cells import CellRules
from services.customers.imports.domain.layout import ImportKind
from services.customers.imports.domain.lines import ContactLine, ContractLine, CustomerLine, PaymentLine, PurchaseLine
from services.customers.imports.domain.preview import (
    FIRST_ROWS,
    MOST_COLUMNS,
    Candidate,
    Preview,
    SeenRow,
    shown,
)
from services.customers.imports.domain.reading import ReadJob
from services.customers.imports.domain.rows import Judge
from services.customers.imports.domain.troubles import BadRow, BrokenFile, Fault, Trouble
from services.customers.imports.handlers import sheets
from services.customers.imports.handlers.source import Row, Taken

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
    noted: int = 0
    last: int = 0
    good: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def write(self, out: IO[bytes], at: int) -> None:
        payload, faults = "".join(self.good).encode(), json.dumps(self.faults).encode()
        said = {"rows": self.rows, "bad": self.bad, "noted": self.noted, "last": self.last, "at": at}
        _say(out, {**said, "payload": len(payload), "faults": len(faults)})
        out.write(payload)
        out.write(faults)
        out.flush()


class Seeing:
    """What the sender may see of how the file is read. A reading that goes on from a place has nothing to tell."""

    def __init__(self, job: ReadJob, out: IO[bytes]) -> None:
        self.taken = Taken(job.form.sheet, job.form.encoding)
        self.header: Sequence[str] = ()
        self._rows: Sequence[SeenRow] = ()
        self._date_format = job.form.date_format
        self._silent = job.skip > 0
        self._out = out
        self._told = b""

    def first(self, judge: Judge, rows: Sequence[Row]) -> None:
        """Tells of the first rows, unless they were told."""
        if not self._told:
            self._rows = [judge.seen(number, cells) for number, cells in rows[:FIRST_ROWS]]
            self.tell()

    def tell(self, candidates: Sequence[Candidate] = ()) -> None:
        """Tells what is known, unless that was told."""
        if self._silent:
            return
        encoding, delimiter, sheet = self.taken.encoding, self.taken.delimiter, self.taken.sheet
        header = [shown(name) for name in self.header[:MOST_COLUMNS]]
        said = Preview(encoding, delimiter, sheet, self._date_format, header, self._rows, candidates).as_json()
        if said != self._told:
            self._told = said
            _say(self._out, {"preview": len(said)})
            self._out.write(said)
            self._out.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    source, out = sys.stdin.buffer, sys.stdout.buffer
    job = ReadJob.of_line(source.readline())
    seeing = Seeing(job, out)
    try:
        _read(job, source, out, seeing)
    except BrokenFile as broken:
        seeing.tell(broken.candidates)
        _say(out, {"broken": broken.trouble, "detail": broken.detail})
    except MemoryError:
        _say(out, {"broken": Trouble.WORKBOOK_TOO_LARGE, "detail": ""})
    except (CutOff, BrokenPipeError):
        sys.stderr.close()  # nobody is there to be told


def _read(job: ReadJob, source: IO[bytes], out: IO[bytes], seeing: Seeing) -> None:
    upload = Upload(source, job.size)
    rows = sheets.rows_of(upload, seeing.taken)
    header = next(rows, None)
    if header is None:
        raise BrokenFile(Trouble.EMPTY_FILE)
    seeing.header = header[1]
    judge = Judge(job.layout, header[1], _rules(job))
    prefix = f"{job.id}\t"
    for group in _groups(dropwhile(lambda row: row[0] <= job.skip, rows), job.batch):
        seeing.first(judge, group)
        frame = Judged(rows=len(group), last=group[-1][0])
        for number, cells in group:
            try:
                if job.layout.kind is ImportKind.PURCHASES:
                    frame.good.append(prefix + _copy_line(judge.purchase(number, cells)))
                elif job.layout.kind is ImportKind.PAYMENTS:
                    frame.good.append(_json_line(judge.payment(number, cells)))
                elif job.layout.kind is ImportKind.CONTRACTS:
                    frame.good.append(_json_line(judge.contract(number, cells)))
                else:
                    contacts = job.layout.kind is ImportKind.CONTACTS
                    line, left_out = (judge.contact if contacts else judge.customer)(number, cells)
                    frame.good.append(_json_line(line))
                    frame.noted += bool(left_out)
                    frame.faults.extend(left_out)
            except BadRow as bad:
                frame.bad += 1
                frame.faults.extend(bad.faults)
        frame.write(out, upload.taken)
    seeing.tell()
    _say(out, {"end": True})


def _rules(job: ReadJob) -> CellRules:
    rules = CellRules(ZoneInfo(job.zone), job.now, job.largest, job.names, date_format=job.form.date_format)
    if job.layout.kind not in (ImportKind.CUSTOMERS, ImportKind.CONTACTS):
        return rules
    from shared.phones import e164  # only files of customers and of people wait for what comes along with it

    return replace(rules, phone=e164)


def _copy_line(good: PurchaseLine) -> str:
    """The row in COPY's text form. Control characters were refused, so only the backslash needs care."""
    return (
        f"{good.row}\t{_escaped(good.customer_no)}\t{good.occurred_at}\t{good.content}\t{good.month}\t{good.amount}\t"
        f"{good.brand_id or _NULL}\t{_numbers(good.external_no) if good.external_no else _NO_NUMBERS}\t"
        f"{_besides(good)}\n"
    )


_NULL = "\\N"
_NO_NUMBERS = f"{_NULL}\t{_NULL}"
_NOTHING_BESIDES = f"{_NULL}\t{_NULL}\t{_NULL}"


def _numbers(external_no: str) -> str:
    """The external number and the identity that it gives the purchase."""
    from services.customers.purchases.domain import numbered  # only such files wait for what comes along with it

    return f"{_escaped(external_no)}\t{numbered(external_no).hex()}"


def _besides(good: PurchaseLine) -> str:
    """Order, receipt and lines; most files have none of them."""
    said = good.order_no, good.receipt_no, good.lines
    return "\t".join(_escaped(each) if each else _NULL for each in said) if any(said) else _NOTHING_BESIDES


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\") if "\\" in text else text


def _json_line(good: ContactLine | CustomerLine | PaymentLine | ContractLine) -> str:
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
