"""When a row of a file is good, and what it says (domain 2.3, decision 13)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from services.customers.imports.domain.cells import (
    LATEST_DAY,
    CellRules,
    amount_of,
    day_of,
    kind_of,
    moment_of,
    named,
    several,
    text_of,
)
from services.customers.imports.domain.layout import FIELDS, ImportKind, Layout
from services.customers.imports.domain.troubles import BadCell, BadRow, Fault, Trouble
from shared.mail import mail_address


class PurchaseLine(NamedTuple):
    """A good row in the texts that are stored: moment in UTC, amount with two places, the brand's id.

    `month` counts months since the year 0 in the company's zone (`Month.ordinal`).
    `content` identifies it together with its ordinal among equal rows (decision 13).
    """

    row: int
    customer_no: str
    occurred_at: str
    month: int
    amount: str
    brand_id: str | None
    external_no: str | None
    content: str


class CustomerLine(NamedTuple):
    """A good row of a customers file; None for what it does not say. Days and the moment are in ISO form."""

    row: int
    external_no: str
    name: str
    kind: str | None
    region_id: str | None
    phones: Sequence[str] | None
    emails: Sequence[str] | None
    address: str | None
    birthday: str | None
    opened_on: str | None
    registered_at: str | None


Meaning = Callable[[str], Any]
"""What a cell's text means in a field; raises BadCell."""


class ReadStep(NamedTuple):
    """How one field of every row is read: from the cell at `at`, into the place `to` of what the row means."""

    to: int
    name: str
    required: bool
    longest: int
    at: int | None
    default: str
    meaning: Meaning


class Judge:
    """Turns rows of one file into what they mean, or refuses them with every reason."""

    def __init__(self, layout: Layout, header: Sequence[str], rules: CellRules) -> None:
        """Raises BrokenFile when the header does not have what the layout wants."""
        meanings = _meanings(layout.kind, rules)
        order = {field.name: place for place, field in enumerate(FIELDS[layout.kind])}
        self._width = len(header)
        self._blank = [None] * len(order)
        self._steps = [
            ReadStep(order[field.name], *field, at, default, meanings.get(field.name, text_of))
            for field, at, default in layout.sources(header)
        ]

    def purchase(self, row: int, cells: Sequence[str]) -> PurchaseLine:
        """Raises BadRow."""
        customer_no, (occurred_at, month), amount, brand_id, external_no = self._values(row, cells)
        content = content_of(customer_no, occurred_at, amount, brand_id)
        return PurchaseLine(row, customer_no, occurred_at, month, amount, brand_id, external_no, content)

    def customer(self, row: int, cells: Sequence[str]) -> CustomerLine:
        """Raises BadRow."""
        return CustomerLine(row, *self._values(row, cells))

    def _values(self, row: int, cells: Sequence[str]) -> list[Any]:
        """What the fields of the row mean, in their order; None for one that says nothing."""
        if len(cells) != self._width and (len(cells) < self._width or any(cells[self._width :])):
            raise BadRow([Fault(row, "", Trouble.CELLS)])
        values: list[Any] = self._blank.copy()
        faults: list[Fault] = []
        for to, name, required, longest, at, default, meaning in self._steps:
            text = (cells[at].strip() if at is not None else "") or default
            try:
                if len(text) > longest:
                    raise BadCell(Trouble.TOO_LONG)
                if text:
                    values[to] = meaning(text)
                elif required:
                    raise BadCell(Trouble.MISSING)
            except BadCell as bad:
                faults.append(Fault(row, name, bad.trouble))
        if faults:
            raise BadRow(faults)
        return values


def _meanings(kind: ImportKind, rules: CellRules) -> Mapping[str, Meaning]:
    """How the fields that are more than text are read. Dates and amounts repeat, so their meanings are remembered."""
    if kind is ImportKind.PURCHASES:
        return {
            "occurred_at": lru_cache(65_536)(lambda text: _dated(moment_of(text, rules), rules.zone)),
            "amount": lru_cache(65_536)(lambda text: str(amount_of(text, rules.largest))),
            "brand": lambda text: named(text, rules.names, Trouble.UNKNOWN_BRAND),
        }
    return {
        "kind": kind_of,
        "region": lambda text: named(text, rules.names, Trouble.UNKNOWN_REGION),
        "phones": lambda text: several(text, rules.phone, Trouble.NOT_A_PHONE),
        "emails": lambda text: several(text, mail_address, Trouble.NOT_A_MAIL),
        "birthday": lambda text: day_of(text, latest=rules.now.astimezone(rules.zone).date()).isoformat(),
        "opened_on": lambda text: day_of(text, latest=LATEST_DAY).isoformat(),
        "registered_at": lambda text: moment_of(text, rules).isoformat(),
    }


def _dated(moment: datetime, zone: tzinfo) -> tuple[str, int]:
    local = moment.astimezone(zone)
    return moment.isoformat(), local.year * 12 + local.month - 1


def content_of(customer_no: str, occurred_at: str, amount: str, brand_id: str | None) -> str:
    """What two rows have in common when they are equal (decision 13), as 32 hexadecimal digits."""
    text = f"{customer_no}\x1f{occurred_at}\x1f{amount}\x1f{brand_id or ''}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
