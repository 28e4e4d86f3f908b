"""What the text of a cell means, and when it means nothing that can be taken (domain 2.3, decision 13).

Everything here is plain computation over texts: the reader runs it in a process of its own (decision 33), where
nothing of the web framework or the database is loaded.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final, get_args

from services.customers.credit.domain import CreditRating
from services.customers.imports.domain.dates import narrow
from services.customers.imports.domain.form import DateFormat
from services.customers.imports.domain.troubles import BadCell, Trouble
from shared.licences import licence_no
from shared.texts import fold, fold_identifier

MOST_TOLD = 12
"""Values that a reason lists."""

MOST_PARTS, LONGEST_PART = 20, 254
"""Phones or e-mail addresses of one customer, and characters of each."""


@dataclass(frozen=True, slots=True)
class CellRules:
    """What judging a cell needs to know: the company's zone, business time, the largest amount of one entry.

    `names` finds brands (purchases) or regions (customers) by `key_of` their name or id. `phone` gives what people
    write its proper form, or raises ValueError.
    """

    zone: tzinfo
    now: datetime
    largest: Decimal
    names: Mapping[str, str]
    phone: Callable[[str], str] = str
    date_format: DateFormat | None = None


_FORBIDDEN = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffd]")
_LINE_BREAKS = re.compile("[\t\n\v\f\r\x85\u2028\u2029]+")
_ERROR = re.compile(
    r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!|UNKNOWN!|GETTING_DATA"
    r"|NV|BEZUG!|WERT!)|#{2,}",
    re.IGNORECASE,
)
"""What spreadsheets write, into workbooks and into CSV, where they could not compute or a column was too narrow."""
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?E[+-]\d{1,3}", re.IGNORECASE | re.ASCII)
_MARKED_AS_TEXT = re.compile(r"""=\s*"([^"]*)"|'([^']*)'?""")
_AMOUNT = re.compile(r"(?:[¥￥]\s*)?([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?(?:\s*元)?", re.ASCII)


class Unfit(str):
    """A cell of a workbook that holds a date, a truth value or a fraction: whatever its text, it identifies nothing."""

    trouble = Trouble.UNFIT_CELL


class Misformatted(Unfit):
    """A number in a format that may show other digits than it has."""

    trouble = Trouble.UNFIT_FORMAT


def text_of(text: str) -> str:
    """The text on one line, in the spelling that is kept; raises BadCell for one that cannot be stored or shown."""
    if text.isascii() and text.isprintable():
        return text
    text = _LINE_BREAKS.sub(" ", fold(text))
    if _FORBIDDEN.search(text):
        raise BadCell(Trouble.FORBIDDEN_CHARACTER)
    return text.strip()


def identifier_of(text: str) -> str:
    """A number that a system gave, as it is kept; raises BadCell for one that a spreadsheet has destroyed.

    What tells a spreadsheet that it is text, `'00124` or `="00123"`, is no part of it.
    """
    number = fold_identifier(text_of(text))
    if number.startswith(("'", "=")) and (marked := _MARKED_AS_TEXT.fullmatch(number)):
        number = (marked[1] or marked[2] or "").strip()
    refuse_inexact(number)
    return number


def licence_of(text: str) -> str:
    """The number of a licence or another registration; raises BadCell for a unified code that is written wrongly."""
    try:
        return licence_no(identifier_of(text))
    except ValueError:
        raise BadCell(Trouble.NOT_A_LICENCE) from None


NUMBERS_READ: Final = (identifier_of, licence_of)
"""What reads a number that somebody gave: a cell of a workbook that holds no text may have lost digits of it."""


def refuse_inexact(text: str) -> None:
    """Raises BadCell for what a spreadsheet makes of a long number: a part of its digits is gone (decision 30a)."""
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell(Trouble.INEXACT_NUMBER)


def refuse_error(text: str) -> None:
    """Raises BadCell for a spreadsheet's error: the cell says something, only not what."""
    if text.startswith("#") and _ERROR.fullmatch(text):
        raise BadCell(Trouble.ERROR_CELL)


def address_of(column: int, row: int) -> str:
    """The cell as a spreadsheet calls it: column 0 of row 5 is A5."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{row}"


def amount_of(text: str, largest: Decimal) -> Decimal:
    """CNY with two places from `1250`, `1,250.00`, `¥1250.5`, `1250元`. Zero is valid (decision 13), less is not."""
    match = _AMOUNT.fullmatch(narrow(text))
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


def key_of(name: str) -> str:
    """The form in which names of brands and regions are compared."""
    return " ".join(fold(name).casefold().split())


def named(text: str, names: Mapping[str, str], otherwise: Trouble) -> str:
    """The id of the brand or region that the text names; raises BadCell(otherwise)."""
    found = names.get(key_of(text))
    if found is None:
        raise BadCell(otherwise, told(sorted(name for name, id_ in names.items() if name != id_)))
    return found


BRANDS, REGIONS = "brand:", "region:"
"""What stands before names where a file may name both."""


def names_of(names: Mapping[str, str], which: str) -> Mapping[str, str]:
    """Of names of both kinds those of one."""
    return {name.removeprefix(which): id_ for name, id_ in names.items() if name.startswith(which)}


def told(values: Sequence[str]) -> str:
    """The values that are taken, or the first of them."""
    return ", ".join(values[:MOST_TOLD]) + (", …" if len(values) > MOST_TOLD else "")


_KINDS = {"store": "store", "person": "person"}
_KINDS |= dict.fromkeys(("门店", "店", "加盟店", "美容院"), "store") | {"个人": "person"}


def kind_of(text: str) -> str:
    """A customer's kind in English or Chinese."""
    kind = _KINDS.get(fold_identifier(text).casefold())
    if kind is None:
        raise BadCell(Trouble.UNKNOWN_CHOICE, told(list(_KINDS)))
    return kind


_RATINGS: Final[Mapping[str, CreditRating]] = {rating: rating for rating in get_args(CreditRating)}


def rating_of(text: str) -> CreditRating:
    """A credit rating, in small letters too."""
    rating = _RATINGS.get(fold_identifier(text).upper())
    if rating is None:
        raise BadCell(Trouble.UNKNOWN_CHOICE, told(list(_RATINGS)))
    return rating


_JOBS = {job: job for job in ("owner", "manager", "beautician", "reception", "buyer", "accountant", "other")}
_JOBS |= {"老板": "owner", "店主": "owner", "店长": "manager", "美容师": "beautician", "前台": "reception"}
_JOBS |= {"采购": "buyer", "会计": "accountant", "财务": "accountant", "其他": "other"}


def job_of(text: str) -> str:
    """What somebody is in a store, in English or Chinese."""
    job = _JOBS.get(fold_identifier(text).casefold())
    if job is None:
        raise BadCell(Trouble.UNKNOWN_CHOICE, told(list(_JOBS)))
    return job


_ANSWERS = dict.fromkeys(("yes", "y", "true", "1", "x", "是", "√"), True)
_ANSWERS |= dict.fromkeys(("no", "n", "false", "0", "否", "×"), False)


def yes_or_no(text: str) -> bool:
    """Yes or no, in English or Chinese, or as a spreadsheet says it."""
    answer = _ANSWERS.get(fold_identifier(text).casefold())
    if answer is None:
        raise BadCell(Trouble.UNKNOWN_CHOICE, told(list(_ANSWERS)))
    return answer


_PARTS = re.compile(r"[;,、；，\n]")
_EXTENSION = re.compile(r"[;；]\s*ext\s*=\s*", re.IGNORECASE)
_NUMBERS = re.compile(r";(?!ext=)|[,、；，\n]")
"""Between phone numbers: the `;` in front of an extension belongs to the number (RFC 3966)."""


def several(text: str, meaning: Callable[[str], str], otherwise: Trouble) -> tuple[str, ...]:
    """The parts of a cell that holds a list: separated by `;`, `,`, `、` or a line break; each only once."""
    try:
        parts = tuple(dict.fromkeys(meaning(part) for raw in _PARTS.split(text) if (part := raw.strip())))
    except ValueError:
        raise BadCell(otherwise) from None
    if any(len(part) > LONGEST_PART for part in parts):
        raise BadCell(otherwise)
    if len(parts) > MOST_PARTS:
        raise BadCell(Trouble.TOO_LONG)
    return parts


class Partly(tuple[str, ...]):
    """The parts of a cell that could be read; others could not."""


def phones_of(text: str, meaning: Callable[[str], str]) -> tuple[str, ...]:
    """The phone numbers of a cell, without those that cannot be read.

    Raises BadCell for one that a spreadsheet has destroyed.
    """
    read: dict[str, None] = {}
    unread = False
    for part in _NUMBERS.split(_EXTENSION.sub(";ext=", text)):
        refuse_inexact(part.strip())
        for number in _alternatives(part, meaning):
            if number is None:
                unread = True
            else:
                read[number] = None
    if len(read) > MOST_PARTS:
        raise BadCell(Trouble.TOO_LONG)
    return Partly(read) if unread else tuple(read)


def _alternatives(part: str, meaning: Callable[[str], str]) -> list[str | None]:
    """The number, or those between slashes, which stand within a number as well; None for one that cannot be read."""
    numbers = [_read(part, meaning)] if part.strip() else []
    if numbers == [None] and "/" in part:
        numbers = [_read(each, meaning) for each in part.split("/")]
    return numbers


def _read(text: str, meaning: Callable[[str], str]) -> str | None:
    try:
        return meaning(text)
    except ValueError:
        return None
