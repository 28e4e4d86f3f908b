"""When a row of a file is good, and what it says (domain 2.3, decision 13)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, NamedTuple

from services.customers.archive.domain import OPENS_WITHIN
from services.customers.imports.domain.cells import (
    BRANDS,
    NUMBERS_READ,
    REGIONS,
    CellRules,
    Partly,
    Unfit,
    address_of,
    amount_of,
    identifier_of,
    job_of,
    kind_of,
    licence_of,
    named,
    names_of,
    phones_of,
    rating_of,
    refuse_error,
    several,
    text_of,
    yes_or_no,
)
from services.customers.imports.domain.dates import LATEST_DAY, day_of, moment_of
from services.customers.imports.domain.goods import lines_of
from services.customers.imports.domain.layout import FIELDS, ImportKind, Layout
from services.customers.imports.domain.lines import ContactLine, ContractLine, CustomerLine, PaymentLine, PurchaseLine
from services.customers.imports.domain.preview import SeenRow, shown
from services.customers.imports.domain.troubles import PLACED, BadCell, BadLines, BadRow, Fault, Trouble
from shared.mail import mail_address
from shared.moments import written


class Unended(list[str]):
    """The cells of a last line without its end: it may have been cut off."""


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
        customer_no, (occurred_at, month), amount, brand_id, external_no, *others = self._values(row, cells)
        content = content_of(customer_no, occurred_at, amount, brand_id)
        return PurchaseLine(row, customer_no, occurred_at, month, amount, brand_id, external_no, content, *others)

    def payment(self, row: int, cells: Sequence[str]) -> PaymentLine:
        """Raises BadRow."""
        return PaymentLine(row, *self._values(row, cells))

    def contract(self, row: int, cells: Sequence[str]) -> ContractLine:
        """Raises BadRow."""
        return ContractLine(row, *self._values(row, cells))

    def contact(self, row: int, cells: Sequence[str]) -> tuple[ContactLine, Sequence[Fault]]:
        """What the row says, and what of it was left out; raises BadRow."""
        said = ContactLine(row, *self._values(row, cells))
        if isinstance(said.phones, Partly):
            return said._replace(phones=said.phones or None), [Fault(row, "phones", Trouble.PHONE_LEFT_OUT)]
        return said, []

    def customer(self, row: int, cells: Sequence[str]) -> tuple[CustomerLine, Sequence[Fault]]:
        """What the row says, and what of it was left out; raises BadRow."""
        said = CustomerLine(row, *self._values(row, cells))
        if isinstance(said.phones, Partly):
            left_out = Fault(row, "phones", Trouble.PHONE_LEFT_OUT)
            return said._replace(phones=said.phones or None), [left_out]
        return said, []

    def seen(self, row: int, cells: Sequence[str]) -> SeenRow:
        """What a preview shows of the row."""
        values: dict[str, str] = {}
        bad: list[str] = []
        for step in self._steps:
            said = cells[step.at].strip() if step.at is not None and step.at < len(cells) else ""
            said = said or step.default
            try:
                value = _value(step, [*cells, *("" for _ in range(self._width - len(cells)))])
            except BadCell:
                bad.append(step.name)
                values[step.name] = shown(said)
                continue
            if isinstance(value, Partly):
                bad.append(step.name)
            if value is not None:
                values[step.name] = shown(self._told(step, said, value))
        return SeenRow(row, values, bad)

    def _told(self, step: ReadStep, said: str, value: Any) -> str:
        """What was understood: moments in their one form, and what was named by its name."""
        if step.name in ("brand", "region", "lines"):
            return said
        if isinstance(value, tuple):
            value = value[0] if step.name == "occurred_at" else "; ".join(value)
        if step.name in ("occurred_at", "registered_at"):
            return written(datetime.fromisoformat(value))
        return str(value)

    def _values(self, row: int, cells: Sequence[str]) -> list[Any]:
        """What the fields of the row mean, in their order; None for one that says nothing."""
        if len(cells) != self._width:
            cells = self._whole(row, cells)
        values: list[Any] = self._blank.copy()
        faults: list[Fault] = []
        for step in self._steps:
            try:
                values[step.to] = _value(step, cells)
            except BadLines as bad:
                faults.extend(Fault(row, f"{step.name}/{line}", trouble) for line, trouble in bad.troubles.items())
            except BadCell as bad:
                at_fault = step.at if bad.trouble in PLACED and _said(step, cells) else None
                place = address_of(at_fault, row) if at_fault is not None else ""
                faults.append(Fault(row, step.name, bad.trouble, bad.detail or place))
        if faults:
            faults.extend(
                Fault(row, step.name, Trouble.NOT_A_PHONE)
                for step in self._steps
                if isinstance(values[step.to], Partly)
            )
            raise BadRow(faults)
        return values

    def _whole(self, row: int, cells: Sequence[str]) -> Sequence[str]:
        """The row as wide as the header. One that ends properly may leave out what nobody needs at its end."""
        missing = any(step.required and not step.default and (step.at or 0) >= len(cells) for step in self._steps)
        cut = isinstance(cells, Unended) and len(cells) < self._width
        if missing or cut or any(cell.strip() for cell in cells[self._width :]):
            raise BadRow([Fault(row, "", Trouble.CELLS)])
        return [*cells, *("" for _ in range(self._width - len(cells)))]


def _said(step: ReadStep, cells: Sequence[str]) -> str:
    """What the cell of the field says; empty where there is none."""
    return cells[step.at].strip() if step.at is not None else ""


def _value(step: ReadStep, cells: Sequence[str]) -> Any:
    """What the cell of the field means, or its default; None for nothing at all. Raises BadCell."""
    cell = cells[step.at] if step.at is not None else ""
    text = cell.strip() or step.default
    if text.startswith("#"):
        refuse_error(text)
    if isinstance(cell, Unfit) and cell and step.meaning in NUMBERS_READ:
        raise BadCell(cell.trouble)
    if len(text) > step.longest:
        raise BadCell(Trouble.TOO_LONG)
    value = step.meaning(text) if text else ""
    if value == "" and step.required:
        raise BadCell(Trouble.MISSING)
    return None if value == "" else value


def _meanings(kind: ImportKind, rules: CellRules) -> Mapping[str, Meaning]:
    """How the fields that are more than text are read. Dates and amounts repeat, so their meanings are remembered."""
    today, form = rules.now.astimezone(rules.zone).date(), rules.date_format
    moment = partial(moment_of, zone=rules.zone, now=rules.now, form=form)
    day = partial(day_of, this_year=today.year, form=form)
    if kind is ImportKind.PURCHASES:
        return {
            "customer_no": identifier_of,
            "external_no": identifier_of,
            "order_no": identifier_of,
            "receipt_no": identifier_of,
            "lines": lambda text: lines_of(text, rules.largest),
            "occurred_at": lru_cache(65_536)(lambda text: _dated(moment(text), rules.zone)),
            "amount": lru_cache(65_536)(lambda text: str(amount_of(text, rules.largest))),
            "brand": lambda text: named(text, rules.names, Trouble.UNKNOWN_BRAND),
        }
    if kind is ImportKind.PAYMENTS:
        return {
            "customer_no": identifier_of,
            "invoice_no": identifier_of,
            "due_on": lambda text: day(text, latest=LATEST_DAY).isoformat(),
            "amount": lambda text: str(amount_of(text, rules.largest)),
            "paid_on": lambda text: day(text, latest=today).isoformat(),
        }
    if kind is ImportKind.CONTACTS:
        return {
            "customer_no": identifier_of,
            "job": job_of,
            "phones": lambda text: phones_of(text, rules.phone),
            "emails": lambda text: several(text, mail_address, Trouble.NOT_A_MAIL),
            "decides": yes_or_no,
            "pays": yes_or_no,
            "uses": yes_or_no,
        }
    if kind is ImportKind.CONTRACTS:
        brands, regions = names_of(rules.names, BRANDS), names_of(rules.names, REGIONS)
        return {
            "external_no": identifier_of,
            "customer_no": identifier_of,
            "brand": lambda text: named(text, brands, Trouble.UNKNOWN_BRAND),
            "region": lambda text: named(text, regions, Trouble.UNKNOWN_REGION),
            "starts_on": lambda text: day(text, latest=LATEST_DAY).isoformat(),
            "ends_on": lambda text: day(text, latest=LATEST_DAY).isoformat(),
        }
    return {
        "external_no": identifier_of,
        "kind": kind_of,
        "region": lambda text: named(text, rules.names, Trouble.UNKNOWN_REGION),
        "phones": lambda text: phones_of(text, rules.phone),
        "emails": lambda text: several(text, mail_address, Trouble.NOT_A_MAIL),
        "birthday": lambda text: day(text, latest=today).isoformat(),
        "opened_on": lambda text: day(text, latest=today + OPENS_WITHIN).isoformat(),
        "licence_no": licence_of,
        "credit_rating": rating_of,
        "registered_at": lambda text: moment(text).isoformat(),
    }


def _dated(moment: datetime, zone: tzinfo) -> tuple[str, int]:
    local = moment.astimezone(zone)
    return moment.isoformat(), local.year * 12 + local.month - 1


def content_of(customer_no: str, occurred_at: str, amount: str, brand_id: str | None) -> str:
    """What two rows have in common when they are equal (decision 13), as 32 hexadecimal digits."""
    text = f"{customer_no}\x1f{occurred_at}\x1f{amount}\x1f{brand_id or ''}"
    return blake2b(text.encode(), digest_size=16).hexdigest()
