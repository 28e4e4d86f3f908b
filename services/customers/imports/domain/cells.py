"""What an import takes and when a row is good (domain 2.3, decision 13): fields, mapping, cells, states.

Everything here is plain computation over texts: the reader runs it in a process of its own (decision 33), where
nothing of the web framework or the database is loaded.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from shared.errors import Invalid

EARLIEST = date(1990, 1, 1)
"""Purchases before this day are taken for slips of the pen: months are closed in order from the first with data."""

EARLIEST_DAY, LATEST_DAY = date(1850, 1, 1), date(2200, 12, 31)
"""Days of birth and of opening outside of these cannot be right."""

MOST_PARTS = 20
"""Phones or e-mail addresses of one customer."""

LONGEST_NUMBER = 64
LONGEST_NAME = 200


class ImportKind(StrEnum):
    """What the rows of a file are."""

    CUSTOMERS = "customers"
    PURCHASES = "purchases"


class ImportState(StrEnum):
    """Where a job stands. `failed` has written nothing but its figures and its list of bad rows."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Trouble(StrEnum):
    """Why a cell, a row or a whole file is not taken. Texts for people stand in texts.py."""

    MISSING = "missing"
    TOO_LONG = "too-long"
    FORBIDDEN_CHARACTER = "forbidden-character"
    NOT_A_DATE = "not-a-date"
    IN_FUTURE = "in-future"
    TOO_EARLY = "too-early"
    NOT_AN_AMOUNT = "not-an-amount"
    FRACTION_OF_CENT = "fraction-of-cent"
    NEGATIVE = "negative"
    TOO_LARGE = "too-large"
    CELLS = "cells"
    UNKNOWN_CHOICE = "unknown-choice"
    NOT_A_PHONE = "not-a-phone"
    NOT_A_MAIL = "not-a-mail"
    UNKNOWN_CUSTOMER = "unknown-customer"
    UNKNOWN_BRAND = "unknown-brand"
    UNKNOWN_REGION = "unknown-region"
    NUMBER_REUSED = "number-reused"
    EXISTS_OTHERWISE = "exists-otherwise"

    EMPTY_FILE = "empty-file"
    BINARY_FILE = "binary-file"
    WRONG_ENCODING = "wrong-encoding"
    BROKEN_QUOTES = "broken-quotes"
    LINE_TOO_LONG = "line-too-long"
    NO_WORKBOOK = "no-workbook"
    WORKBOOK_TOO_LARGE = "workbook-too-large"
    NO_COLUMN = "no-column"
    COLUMN_TWICE = "column-twice"
    FIELD_WITHOUT_COLUMN = "field-without-column"
    READER_ENDED = "reader-ended"
    GIVEN_UP = "given-up"


class BadCell(Exception):
    """A cell's text is not what its field takes."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class BrokenFile(Exception):
    """The file as a whole cannot be imported; `detail` is a line number or the name of a column, never a cell."""

    def __init__(self, trouble: Trouble, detail: str = "") -> None:
        super().__init__(trouble, detail)
        self.trouble = trouble
        self.detail = detail


class UnknownField(Invalid):
    slug = "unknown-import-field"
    title = "An import has no such field"


class Fault(NamedTuple):
    """Why one row is bad; `column` is our field's name, or empty where the whole row is at fault."""

    row: int
    column: str
    trouble: Trouble


class Field(NamedTuple):
    """One thing that a row can say."""

    name: str
    required: bool = False
    longest: int = LONGEST_NAME


FIELDS: Mapping[ImportKind, tuple[Field, ...]] = {
    ImportKind.PURCHASES: (
        Field("customer_no", required=True, longest=LONGEST_NUMBER),
        Field("occurred_at", required=True, longest=64),
        Field("amount", required=True, longest=64),
        Field("brand"),
        Field("external_no", longest=LONGEST_NUMBER),
    ),
    ImportKind.CUSTOMERS: (
        Field("external_no", required=True, longest=LONGEST_NUMBER),
        Field("name", required=True),
        Field("kind", longest=20),
        Field("region"),
        Field("phones", longest=1000),
        Field("emails", longest=6000),
        Field("address", longest=300),
        Field("birthday", longest=64),
        Field("opened_on", longest=64),
        Field("registered_at", longest=64),
    ),
}


ALSO_CALLED: Mapping[str, str] = {"brand_id": "brand", "region_id": "region"}
"""As the other routes call a field: both are found by name or id."""


class Place(NamedTuple):
    """Where a field of a certain file comes from: the cell `at` that place, `default` where it is absent or empty."""

    field: Field
    at: int | None
    default: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The sender's word on where our fields are found. Fields that it does not mention are looked for by name."""

    kind: ImportKind
    mapping: Mapping[str, str]
    defaults: Mapping[str, str]

    @classmethod
    def of(cls, kind: ImportKind, mapping: Mapping[str, str], defaults: Mapping[str, str]) -> "Layout":
        """Raises UnknownField for a field that this kind of import does not have."""
        return cls(kind, _by_field(kind, "mapping", mapping), _by_field(kind, "defaults", defaults))

    def places(self, header: Sequence[str]) -> list[Place]:
        """Raises BrokenFile when a mapped column is absent or ambiguous, or a required field has no source."""
        names = [name.strip() for name in header]
        return [place for field in FIELDS[self.kind] if (place := self._place(field, names))]

    def _place(self, field: Field, names: Sequence[str]) -> Place | None:
        column, default = self.mapping.get(field.name), self.defaults.get(field.name, "")
        wanted = _own_name(field, names) if column is None else column.strip()
        if names.count(wanted) > 1:
            raise BrokenFile(Trouble.COLUMN_TWICE, wanted)
        if wanted in names:
            return Place(field, names.index(wanted), default)
        if column is not None:
            raise BrokenFile(Trouble.NO_COLUMN, wanted)
        if default:
            return Place(field, None, default)
        if field.required:
            raise BrokenFile(Trouble.FIELD_WITHOUT_COLUMN, field.name)
        return None


def _by_field(kind: ImportKind, place: str, given: Mapping[str, str]) -> dict[str, str]:
    names = [field.name for field in FIELDS[kind]]
    known: dict[str, str] = {}
    for name, value in given.items():
        field = ALSO_CALLED.get(name, name)
        if field not in names or field in known:
            detail = f"an import of {kind} has the fields {', '.join(names)}, each named once"
            raise UnknownField(detail, pointer=f"#/{place}/{name[:80]}")
        known[field] = value
    return known


def _own_name(field: Field, names: Sequence[str]) -> str:
    """What the header calls a field that the sender says nothing of."""
    others = (other for other, name in ALSO_CALLED.items() if name == field.name and other in names)
    return field.name if field.name in names else next(others, field.name)


@dataclass(frozen=True, slots=True)
class Rules:
    """What judging a cell needs to know: the company's zone, business time, the largest amount of one entry.

    `names` finds brands (purchases) or regions (customers) by `key_of` their name or id. `phone` and `mail` give what
    people write its proper form, or raise ValueError.
    """

    zone: tzinfo
    now: datetime
    largest: Decimal
    names: Mapping[str, str]
    phone: Callable[[str], str] = str
    mail: Callable[[str], str] = str


class PurchaseRow(NamedTuple):
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


class CustomerRow(NamedTuple):
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


# ------------------------------------------------------------------------------------------------ cells

_FORBIDDEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffd]")
_DATE = re.compile(
    r"""(\d{4})(?:([-/.])(\d{1,2})\2(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d{2})(\d{2}))
    (?:[T\s]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6})\d*)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?""",
    re.VERBOSE | re.ASCII,
)
_AMOUNT = re.compile(r"(?:[¥￥]\s*)?([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(?:\s*元)?", re.ASCII)


def text_of(text: str) -> str:
    """The text itself; raises BadCell for one that cannot be stored or shown on one line."""
    if (not text.isprintable() or "\ufffd" in text) and _FORBIDDEN.search(text):
        raise BadCell(Trouble.FORBIDDEN_CHARACTER)
    return text


def amount_of(text: str, largest: Decimal) -> Decimal:
    """CNY with two places from `1250`, `1,250.00`, `¥1250.5`, `1250元`. Zero is valid (decision 13), less is not."""
    match = _AMOUNT.fullmatch(_narrow(text))
    if match is None:
        raise BadCell(Trouble.NOT_AN_AMOUNT)
    sign, whole, fraction = match.groups("")
    if len(fraction) > 2:
        if fraction[2:].strip("0"):
            raise BadCell(Trouble.FRACTION_OF_CENT)
        fraction = fraction[:2]
    amount = Decimal(f"{whole.replace(',', '')}.{fraction:0<2}")
    if amount > largest:
        raise BadCell(Trouble.TOO_LARGE)
    if sign == "-" and amount:
        raise BadCell(Trouble.NEGATIVE)
    return amount


def moment_of(text: str, rules: Rules) -> datetime:
    """The moment in UTC. A date alone is its first moment in the company's zone; a time without offset is local.

    Takes `2026-01-05`, `2026/1/5`, `2026.1.5`, `20260105`, `2026年1月5日`, each with `14:30[:15]` and an offset.
    """
    match = _DATE.fullmatch(_narrow(text))
    if match is None:
        raise BadCell(Trouble.NOT_A_DATE)
    moment = _moment(match, rules.zone)
    if moment > rules.now:
        raise BadCell(Trouble.IN_FUTURE)
    if moment.date() < EARLIEST:
        raise BadCell(Trouble.TOO_EARLY)
    return moment


def day_of(text: str, *, latest: date) -> date:
    """The day that the text names, without a time (a spreadsheet's midnight is none)."""
    match = _DATE.fullmatch(_narrow(text))
    moment = None if match is None else _moment(match, UTC)
    if moment is None or moment.time() != time():
        raise BadCell(Trouble.NOT_A_DATE)
    day = moment.date()
    if day > latest:
        raise BadCell(Trouble.IN_FUTURE)
    if day < EARLIEST_DAY:
        raise BadCell(Trouble.NOT_A_DATE)
    return day


def _moment(match: re.Match[str], zone: tzinfo) -> datetime:
    year, _, *days, hour, minute, second, fraction, offset = match.groups()
    month, day = (int(part) for part in days if part)
    try:
        return datetime(
            int(year),
            month,
            day,
            int(hour or 0),
            int(minute or 0),
            int(second or 0),
            int((fraction or "0").ljust(6, "0")),
            _offset(offset) if offset else zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadCell(Trouble.NOT_A_DATE) from None


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-size if text[0] == "-" else size)


def key_of(name: str) -> str:
    """The form in which names of brands and regions are compared."""
    return " ".join(name.casefold().split())


_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0x3000: 0x20}


def _narrow(text: str) -> str:
    """Full-width digits and signs, as Chinese input methods write them, in their plain form."""
    return text if text.isascii() else text.translate(_NARROW)


# ------------------------------------------------------------------------------------------------ rows


class BadRow(Exception):
    """A row with at least one fault; it is left out as a whole."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(faults)
        self.faults = faults


Meaning = Callable[[str], Any]
"""What a cell's text means in a field; raises BadCell."""


class Step(NamedTuple):
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

    def __init__(self, layout: Layout, header: Sequence[str], rules: Rules) -> None:
        """Raises BrokenFile when the header does not have what the layout wants."""
        meanings = _meanings(layout.kind, rules)
        order = {field.name: place for place, field in enumerate(FIELDS[layout.kind])}
        self._width = len(header)
        self._blank = [None] * len(order)
        self._steps = [
            Step(order[field.name], *field, at, default, meanings.get(field.name, text_of))
            for field, at, default in layout.places(header)
        ]

    def purchase(self, row: int, cells: Sequence[str]) -> PurchaseRow:
        """Raises BadRow."""
        customer_no, (occurred_at, month), amount, brand_id, external_no = self._values(row, cells)
        content = content_of(customer_no, occurred_at, amount, brand_id)
        return PurchaseRow(row, customer_no, occurred_at, month, amount, brand_id, external_no, content)

    def customer(self, row: int, cells: Sequence[str]) -> CustomerRow:
        """Raises BadRow."""
        return CustomerRow(row, *self._values(row, cells))

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


def _meanings(kind: ImportKind, rules: Rules) -> Mapping[str, Meaning]:
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
        "emails": lambda text: several(text, rules.mail, Trouble.NOT_A_MAIL),
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


def named(text: str, names: Mapping[str, str], otherwise: Trouble) -> str:
    """The id of the brand or region that the text names; raises BadCell(otherwise)."""
    found = names.get(key_of(text))
    if found is None:
        raise BadCell(otherwise)
    return found


_KINDS = {"store": "store", "person": "person", "门店": "store", "店": "store", "个人": "person"}


def kind_of(text: str) -> str:
    """A customer's kind in English or Chinese."""
    kind = _KINDS.get(text.casefold())
    if kind is None:
        raise BadCell(Trouble.UNKNOWN_CHOICE)
    return kind


def several(text: str, meaning: Callable[[str], str], otherwise: Trouble) -> tuple[str, ...]:
    """The parts of a cell that holds a list: separated by `;`, `,`, `、` or a line break; each only once."""
    try:
        parts = tuple(dict.fromkeys(meaning(part) for raw in re.split(r"[;,、；，\n]", text) if (part := raw.strip())))
    except ValueError:
        raise BadCell(otherwise) from None
    if len(parts) > MOST_PARTS:
        raise BadCell(Trouble.TOO_LONG)
    return parts
