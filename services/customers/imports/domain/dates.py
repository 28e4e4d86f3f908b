"""What a cell says of a day or a moment (domain 2.3, decision 30a).

A year of four digits in front can be misread by nobody and is taken always. Everything else is taken when the sender
says how dates are written, and refused otherwise: 9/7/11 may be three different days.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from services.customers.imports.domain.form import DateFormat
from services.customers.imports.domain.troubles import BadCell, Trouble
from shared.months import FIRST_YEAR
from shared.texts import fold

EARLIEST_DAY, LATEST_DAY = date(1850, 1, 1), date(2200, 12, 31)
"""Days of birth and of opening outside of these cannot be right."""

_TIME = r"(?:[T\s]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,6})\d*)?)?"
_OFFSET = r"\s*(?P<offset>Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})(?:(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})"
    r"|年(?P<month_2>\d{1,2})月(?P<day_2>\d{1,2})日|(?P<month_3>\d{2})(?P<day_3>\d{2}))" + _TIME + _OFFSET,
    re.ASCII,
)
_SOME_DATE = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d{2})(?:[T\s].*)?", re.ASCII)
_LETTERS = re.compile("Y+|M+|D+|.")


def moment_of(text: str, zone: tzinfo, now: datetime, form: DateFormat | None = None) -> datetime:
    """The moment in UTC. A date alone is its first moment in the company's zone; a time without offset is local.

    Takes `2026-01-05`, `2026/1/5`, `2026.1.5`, `20260105`, `2026年1月5日` and the form that was said, each with
    `14:30[:15]` and an offset. Raises BadCell.
    """
    moment = _moment(text, zone, now.astimezone(zone).year, form)
    if moment > now:
        raise BadCell(Trouble.IN_FUTURE)
    if moment.year < FIRST_YEAR - 1 or moment.astimezone(zone).year < FIRST_YEAR:
        raise BadCell(Trouble.TOO_EARLY)
    return moment


def day_of(text: str, *, latest: date, this_year: int, form: DateFormat | None = None) -> date:
    """The day that the text names, without a time (a spreadsheet's midnight is none); raises BadCell."""
    moment = _moment(text, UTC, this_year, form)
    if moment.time() != time():
        raise _no_date(form)
    day = moment.date()
    if day > latest:
        raise BadCell(Trouble.IN_FUTURE)
    if day < EARLIEST_DAY:
        raise _no_date(form)
    return day


def _moment(text: str, zone: tzinfo, this_year: int, form: DateFormat | None) -> datetime:
    text = narrow(text)
    match = _YEAR_FIRST.fullmatch(text)
    if match is None and form is not None:
        match = _pattern(form).fullmatch(text)
    if match is None:
        raise BadCell(Trouble.AMBIGUOUS_DATE) if form is None and _SOME_DATE.fullmatch(text) else _no_date(form)
    part = match.groupdict()
    month, day = (part[name] or part.get(f"{name}_2") or part.get(f"{name}_3") for name in ("month", "day"))
    try:
        return datetime(
            _year(part["year"], this_year),
            int(month or 0),
            int(day or 0),
            _hour(part["hour"], part.get("half")),
            int(part["minute"] or 0),
            int(part["second"] or 0),
            int((part["fraction"] or "0").ljust(6, "0")),
            _offset(part["offset"]) if part["offset"] else zone,
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_date(form) from None


def _no_date(form: DateFormat | None) -> BadCell:
    """Names the form that was said."""
    return BadCell(Trouble.NOT_A_DATE, form or "")


@lru_cache
def _pattern(form: DateFormat) -> "re.Pattern[str]":
    """What a date in this form looks like."""
    parts: Mapping[str, Callable[[str], str]] = {
        "Y": lambda letters: rf"(?P<year>\d{{{len(letters)}}})",
        "M": lambda _: r"(?P<month>\d{1,2})",
        "D": lambda _: r"(?P<day>\d{1,2})",
    }
    date_ = "".join(
        parts[letters[0]](letters) if letters[0] in parts else re.escape(letters) for letters in _LETTERS.findall(form)
    )
    return re.compile(date_ + _TIME + r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?" + _OFFSET, re.ASCII)


def _year(digits: str, this_year: int) -> int:
    if len(digits) == 4:
        return int(digits)
    return this_year - (this_year - int(digits)) % 100


def _hour(digits: str | None, half: str | None) -> int:
    """Of the 24 of a day; with `half`, A or P, of its twelve. Raises ValueError."""
    hour = int(digits or 0)
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + (12 if half in "Pp" else 0)


def _offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-size if text[0] == "-" else size)


_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0x3000: 0x20}


def narrow(text: str) -> str:
    """Full-width digits and signs, as Chinese input methods write them, in their plain form; nothing invisible."""
    return text if text.isascii() else fold(text).translate(_NARROW).strip()
